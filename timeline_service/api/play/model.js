/**
 * What the editor draws, made of the records of a state: tracks from top to bottom, each with its items in the order of
 * time. A model is never changed; another state makes another one.
 */

import { ticksPerFrame } from "./time.js";

export const HEIGHT = { video: 58, audio: 42, caption: 32 };

/**
 * @param records Map id → {kind, id, value}: the records of a state
 * @param timelineId the id of the timeline's own record
 */
export function modelOf(records, timelineId) {
  const timeline = records.get(timelineId)?.value ?? { rate: { num: 25, den: 1 }, width: 16, height: 9, name: "" };
  const tracks = new Map();
  const children = new Map();
  const transitions = [];
  const markers = [];
  for (const record of records.values()) {
    const value = record.value;
    if (record.kind === "track" && value.sequence_id === null) {
      tracks.set(record.id, { id: record.id, ...value, items: [], height: HEIGHT[value.kind] ?? 42, top: 0, index: 0 });
    } else if (record.kind === "keyframe") {
      listed(children, value.parent_id).push({ id: record.id, ...value });
    } else if (record.kind === "transition") {
      transitions.push({ id: record.id, ...value });
    } else if (record.kind === "marker" && value.parent_id === timelineId) {
      markers.push({ id: record.id, ...value });
    }
  }
  const items = new Map();
  for (const record of records.values()) {
    if (record.kind !== "clip" && record.kind !== "caption") continue;
    const track = tracks.get(record.value.track_id);
    if (track === undefined) continue;
    const item = itemOf(record, track, children.get(record.id));
    items.set(item.id, item);
    track.items.push(item);
  }
  const rows = stacked([...tracks.values()]);
  const duration = Math.max(0, ...rows.map((row) => row.items.at(-1)?.end ?? 0));
  return {
    timelineId, timeline, rate: timeline.rate, perFrame: ticksPerFrame(timeline.rate),
    width: timeline.width, height: timeline.height, name: timeline.name,
    tracks: rows, trackById: tracks, items, transitions, markers, duration,
  };
}

function listed(map, key) {
  let list = map.get(key);
  if (list === undefined) map.set(key, (list = []));
  return list;
}

function itemOf(record, track, keyframes) {
  const value = record.value;
  const crops = (keyframes ?? []).filter((keyframe) => keyframe.property === "crop").sort((a, b) => a.time - b.time);
  return {
    id: record.id, kind: record.kind, value, track, start: value.start, duration: value.duration,
    end: value.start + value.duration, label: labelOf(record), look: lookOf(record, track), crops,
    animated: (keyframes?.length ?? 0) - crops.length,
  };
}

/** What people call an item. */
export function labelOf(record) {
  const value = record.value;
  if (record.kind === "caption") return value.text;
  if (value.name) return value.name;
  const media = value.media;
  if (media.generator === "title") return media.params?.text ?? "Title";
  if (media.generator) return media.generator[0].toUpperCase() + media.generator.slice(1);
  return media.url?.split("/").at(-1) ?? (media.sequence_id ? "Nest" : "Clip");
}

/** Which colours it is drawn in. */
function lookOf(record, track) {
  if (record.kind === "caption") return "caption";
  const media = record.value.media;
  if (media.sequence_id) return "nest";
  if (media.generator === "title") return "title";
  if (media.generator === "color" || media.generator === "black") return "color";
  return track.kind === "audio" ? "audio" : "video";
}

/** Captions on top, then pictures with the highest first, then sound with the lowest first: as editors show them. */
function stacked(tracks) {
  const up = (a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : a.id < b.id ? -1 : 1);
  const of = (kind) => tracks.filter((track) => track.kind === kind).sort(up);
  const rows = [...of("caption").reverse(), ...of("video").reverse(), ...of("audio")];
  const counts = { video: of("video").length, audio: 0, caption: 0 };
  let top = 0;
  rows.forEach((row, index) => {
    row.index = index;
    row.top = top;
    row.number = row.kind === "video" ? counts.video-- : ++counts[row.kind];
    row.items.sort((a, b) => a.start - b.start);
    top += row.height;
  });
  return rows;
}

/** The first item of a track that ends after a time, as its place in `items`. */
export function firstAfter(items, time) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].end > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The item of a track at a time. */
export function itemAt(track, time) {
  const item = track.items[firstAfter(track.items, time)];
  return item !== undefined && item.start <= time ? item : null;
}

/** The items that an edit of these takes along: linked ones, and grouped ones where `groups`. */
export function followers(model, ids, groups = true) {
  const found = new Set(ids);
  const bonds = new Set();
  for (const id of ids) {
    const value = model.items.get(id)?.value;
    if (value?.link_id) bonds.add(value.link_id);
    if (groups && value?.group_id) bonds.add(value.group_id);
  }
  if (bonds.size) {
    for (const item of model.items.values()) {
      if (bonds.has(item.value.link_id) || (groups && bonds.has(item.value.group_id))) found.add(item.id);
    }
  }
  return found;
}

/** The tick of its source that a clip shows at a timeline time. */
export function sourceAt(item, time) {
  const { speed, reversed, source_in, map_offset } = item.value;
  let t = time - item.start;
  if (reversed) t = item.duration - 1 - t;
  return source_in + Math.floor(((t + map_offset) * speed.num) / speed.den);
}

/** The timeline time at which a clip shows a tick of its source; it may lie outside the clip. */
export function timeOf(item, source) {
  const { speed, reversed, source_in, map_offset } = item.value;
  if (speed.num === 0) return item.start;
  let t = Math.ceil(((source - source_in) * speed.den) / speed.num) - map_offset;
  if (reversed) t = item.duration - 1 - t;
  return item.start + t;
}

const FULL = { x: 0, y: 0, width: 1_000_000, height: 1_000_000 };

/** The crop window of a clip at a tick of its source, in ppm of the picture. */
export function cropAt(item, source) {
  const keys = item.crops;
  if (!keys.length) return FULL;
  const next = keys.findIndex((key) => key.time > source);
  if (next === 0) return keys[0].value;
  if (next === -1) return keys.at(-1).value;
  const from = keys[next - 1];
  const to = keys[next];
  const part = eased(from.interpolation, (source - from.time) / (to.time - from.time));
  const mixed = {};
  for (const side of ["x", "y", "width", "height"]) {
    mixed[side] = Math.round(from.value[side] + (to.value[side] - from.value[side]) * part);
  }
  return mixed;
}

function eased(interpolation, part) {
  if (interpolation === "hold") return 0;
  if (interpolation === "linear") return part;
  if (interpolation === "bezier") return part * part * (3 - 2 * part);
  const [x1, y1, x2, y2] = interpolation.bezier.map((n) => n / 1e6);
  const cubic = (a, b, u) => 3 * a * u * (1 - u) ** 2 + 3 * b * u * u * (1 - u) + u ** 3;
  let low = 0;
  let high = 1;
  for (let n = 0; n < 24; n++) {
    const middle = (low + high) / 2;
    if (cubic(x1, x2, middle) < part) low = middle;
    else high = middle;
  }
  return cubic(y1, y2, low);
}
