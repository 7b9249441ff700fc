/** Something to play with: a cut of twelve clips, and as many clips as anybody wants. All by gestures. */

import { newId } from "./client/index.js";
import { ticks } from "./time.js";

const SHADES = ["#27507a", "#3a6ea5", "#6f4a86", "#a5573a", "#4a8f5c", "#b0903a"];

/** A batch of gestures: two tracks of pictures, one of sound, one of captions, twelve clips behind what is there. */
export function cut(model) {
  const at = model.duration;
  const second = Math.round(model.rate.num / model.rate.den);
  const frames = (n) => ticks(n * model.perFrame);
  const from = (n) => ticks(at + n * model.perFrame);
  const [picture, titles, sound, words] = [newId(), newId(), newId(), newId()];
  const gestures = [
    { type: "add_track", track_id: picture, kind: "video", name: "Picture" },
    { type: "add_track", track_id: titles, kind: "video", name: "Titles" },
    { type: "add_track", track_id: sound, kind: "audio", name: "Sound" },
    { type: "add_track", track_id: words, kind: "caption", name: "Captions" },
  ];
  const shots = [["Dawn", 2], ["Harbour", 3], ["Market", 3], ["Rain", 3], ["Night", 3]];
  let start = 0;
  shots.forEach(([name, seconds], n) => {
    const length = Math.round(seconds * second);
    gestures.push({ type: "add_clip", clip_id: newId(), track_id: picture, media: { generator: "color", params: { color: SHADES[n] } }, start: from(start), duration: frames(length), name });
    start += length;
  });
  const titled = [["A day by the sea", 0.4, 2.2], ["later", 5.2, 1.2], ["The end", 11.6, 2]];
  for (const [text, begin, seconds] of titled) {
    gestures.push({ type: "add_title", clip_id: newId(), track_id: titles, start: from(Math.round(begin * second)), duration: frames(Math.round(seconds * second)), text, name: text });
  }
  for (const [name, hertz, begin, seconds] of [["Waves", 196, 0, 5], ["Crowd", 330, 5.5, 3], ["Bells", 523, 9, 5]]) {
    gestures.push({ type: "add_clip", clip_id: newId(), track_id: sound, media: { generator: "tone", params: { hertz } }, start: from(Math.round(begin * second)), duration: frames(Math.round(seconds * second)), name });
  }
  gestures.push({ type: "add_caption", caption_id: newId(), track_id: words, start: from(second), duration: frames(2 * second), text: "It begins quietly." });
  return gestures;
}

/** Batches of at most 400 gestures that lay `count` clips on eight tracks. */
export function* filler(model, count) {
  const tracks = Array.from({ length: 8 }, (_, n) => ({ id: newId(), kind: n < 5 ? "video" : "audio" }));
  const frames = (n) => ticks(n * model.perFrame);
  let batch = tracks.map((track) => ({ type: "add_track", track_id: track.id, kind: track.kind }));
  for (let n = 0; n < count; n++) {
    const track = tracks[n % tracks.length];
    const media = track.kind === "video" ? { generator: "color", params: { color: SHADES[n % SHADES.length] } } : { generator: "tone", params: { hertz: 220 } };
    batch.push({ type: "add_clip", clip_id: newId(), track_id: track.id, media, start: frames(Math.floor(n / tracks.length) * 30), duration: frames(20 + (n % 10)), name: `Shot ${n + 1}` });
    if (batch.length === 400) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length) yield batch;
}
