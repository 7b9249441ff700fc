/** The lower layer of the timeline: ruler, tracks, clips. It is painted when something of it changed, not when a pointer moves. */

import { firstAfter, timeOf } from "./model.js";
import { timecode } from "./time.js";
import { RULER } from "./view.js";

export const LOOKS = {
  video: { body: "#2b415e", strip: "#3d5e88", text: "#e3ecf9" },
  audio: { body: "#22443a", strip: "#317157", text: "#dcf3e8" },
  title: { body: "#3d3563", strip: "#5a4e93", text: "#e9e5fb" },
  color: { body: "#33373f", strip: "#474d58", text: "#e8eaee" },
  caption: { body: "#54432a", strip: "#7d6435", text: "#f7ecd8" },
  nest: { body: "#214650", strip: "#2f6c7a", text: "#ddf3f7" },
};
/** Markers, in tones that do not shout. */
const MARKS = {
  PINK: "#f29ac0", RED: "#ef6a62", ORANGE: "#ee9a4d", YELLOW: "#e6cf5b", GREEN: "#6cc486", CYAN: "#5cc7cf",
  BLUE: "#6d9df0", PURPLE: "#a684e8", MAGENTA: "#d77ad6", BLACK: "#4a4f58", WHITE: "#e8eaee",
};
export const ACCENT = "#f5a524";
export const FONT = '600 11.5px "Inter", "Segoe UI", system-ui, "Noto Sans", Arial, sans-serif';
const MONO = '11px ui-monospace, "Noto Sans Mono", "DejaVu Sans Mono", monospace';
const NARROW = 3;
const widths = new Map();

/** Everything that stays while the pointer moves. `scene`: {model, view, selection, active, lifted, markIn} */
export function paintBase(pen, scene) {
  const { view, model } = scene;
  pen.fillStyle = "#121418";
  pen.fillRect(0, 0, view.width, view.height);
  for (const track of model.tracks) {
    const y = view.y(track);
    if (y + track.height < RULER || y > view.height) continue;
    paintTrack(pen, scene, track, y);
  }
  paintTransitions(pen, scene);
  paintRuler(pen, scene);
  paintMore(pen, scene);
}

function paintTrack(pen, scene, track, y) {
  const { view, model } = scene;
  pen.fillStyle = track.index % 2 ? "#15181d" : "#171a1f";
  pen.fillRect(0, y, view.width, track.height - 1);
  const end = view.x(model.duration);
  if (end < view.width) {
    pen.fillStyle = "#101216";
    pen.fillRect(Math.max(0, end), y, view.width, track.height - 1);
  }
  pen.globalAlpha = track.enabled && !track.muted ? 1 : 0.45;
  paintItems(pen, scene, track, y);
  pen.globalAlpha = 1;
  if (track.locked) hatch(pen, 0, y, view.width, track.height - 1, "#ffffff12");
}

function paintItems(pen, scene, track, y) {
  const { view } = scene;
  const items = track.items;
  const right = view.right;
  let run = null;
  const flush = () => {
    if (run === null) return;
    pen.fillStyle = run.color;
    pen.fillRect(run.from, y + 3, run.to - run.from, track.height - 7);
    run = null;
  };
  for (let n = firstAfter(items, view.left); n < items.length && items[n].start < right; n++) {
    const item = items[n];
    const from = view.x(item.start);
    const to = view.x(item.end);
    if (to - from < NARROW) {
      const color = scene.selection.has(item.id) ? ACCENT : LOOKS[item.look].strip;
      if (run !== null && (run.color !== color || from > run.to + 1)) flush();
      if (run === null) run = { from: Math.floor(from), to: Math.ceil(to), color };
      else run.to = Math.max(run.to, Math.ceil(to));
      continue;
    }
    flush();
    paintItem(pen, scene, item, from, y + 3, to - from, track.height - 7);
  }
  flush();
}

/** One clip or caption. */
export function paintItem(pen, scene, item, x, y, width, height) {
  const look = LOOKS[item.look];
  const chosen = scene.selection.has(item.id);
  const lifted = scene.lifted?.has(item.id);
  const alpha = pen.globalAlpha;
  if (lifted) pen.globalAlpha = alpha * 0.25;
  else if (!item.value.enabled) pen.globalAlpha = alpha * 0.4;
  const room = Math.max(1, width - 1);
  pen.beginPath();
  pen.roundRect(x, y, room, height, Math.min(4, room / 3));
  pen.fillStyle = look.body;
  pen.fill();
  const strip = Math.min(17, height);
  pen.fillStyle = look.strip;
  if (room > 8) {
    pen.beginPath();
    pen.roundRect(x, y, room, strip, [4, 4, 0, 0]);
    pen.fill();
  }
  if (room > 14) paintInside(pen, scene, item, x, y, room, height, look);
  if (chosen) {
    pen.strokeStyle = ACCENT;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.roundRect(x + 1, y + 1, Math.max(1, room - 2), height - 2, Math.min(3, room / 3));
    pen.stroke();
    if (room > 16) {
      pen.fillStyle = ACCENT;
      pen.fillRect(x + 3.5, y + height / 2 - 7, 2.5, 14);
      pen.fillRect(x + room - 6, y + height / 2 - 7, 2.5, 14);
    }
  }
  pen.globalAlpha = alpha;
}

function paintInside(pen, scene, item, x, y, width, height, look) {
  const swatch = item.look === "color" ? item.value.media.params?.color ?? "#000000" : null;
  if (swatch) {
    pen.fillStyle = swatch;
    pen.fillRect(x + 1, y + 17, width - 2, Math.max(0, height - 18));
  }
  if (item.look === "audio" && width > 10) wave(pen, item, x, y + 17, width, height - 17);
  paintFades(pen, scene.view, item, x, y, width, height);
  if (width > 30) {
    const left = Math.max(x + 8, 4);
    const label = fitted(pen, item.label, x + width - left - 6);
    pen.fillStyle = look.text;
    pen.font = FONT;
    pen.textBaseline = "middle";
    pen.fillText(label, left, y + 9);
    if (item.value.link_id) {
      pen.fillRect(left, y + 15, Math.min(measured(pen, label), width - 12), 1);
    }
    const speed = item.value.speed;
    if (speed && speed.num !== speed.den && width > 90 && height > 36) {
      pen.font = MONO;
      pen.fillText(`${Math.round((speed.num / speed.den) * 100)} %`, left, y + 28);
    }
  }
  if (item.crops.length && width > 20) paintKeyframes(pen, scene, item, x, y, width, height);
}

/** Diamonds of the crop keyframes that lie within the clip. */
function paintKeyframes(pen, scene, item, x, y, width, height) {
  const middle = y + height - 9;
  pen.fillStyle = "#ffffff";
  for (const key of item.crops) {
    const time = timeOf(item, key.time);
    if (time < item.start || time >= item.end) continue;
    const at = scene.view.x(time);
    if (at < -8 || at > scene.view.width + 8) continue;
    diamond(pen, Math.min(Math.max(at, x + 5), x + width - 5), middle, 4.5, key.id === scene.keyframe ? ACCENT : "#ffffff");
  }
}

export function diamond(pen, x, y, size, color) {
  pen.fillStyle = color;
  pen.beginPath();
  pen.moveTo(x, y - size);
  pen.lineTo(x + size, y);
  pen.lineTo(x, y + size);
  pen.lineTo(x - size, y);
  pen.fill();
}

function paintFades(pen, view, item, x, y, width, height) {
  const fade = (from, to, ticks) => {
    const length = Math.min(width, ticks / view.ticksPerPixel);
    if (length < 2) return;
    pen.fillStyle = "#0008";
    pen.beginPath();
    pen.moveTo(from, y);
    pen.lineTo(from + Math.sign(to - from) * length, y);
    pen.lineTo(from, y + height);
    pen.fill();
  };
  if (item.value.fade_in) fade(x, x + width, item.value.fade_in);
  if (item.value.fade_out) fade(x + width, x, item.value.fade_out);
}

/** A sign for sound. The service tells no loudness, so this is a plain line and pretends no waveform. */
function wave(pen, item, x, y, width, height) {
  pen.fillStyle = "#4d9a7a66";
  pen.fillRect(x + 2, y + height / 2 - 1, width - 4, 2);
}

function paintTransitions(pen, scene) {
  const { model, view } = scene;
  for (const transition of model.transitions) {
    const right = model.items.get(transition.right_id);
    const left = model.items.get(transition.left_id);
    const item = right ?? left;
    if (item === undefined) continue;
    const cut = right ? right.start : left.end;
    const from = view.x(cut - transition.in_offset);
    const to = view.x(cut + transition.out_offset);
    if (to < 0 || from > view.width || to - from < 2) continue;
    const y = view.y(item.track) + 20;
    const height = item.track.height - 27;
    pen.fillStyle = "#d8dce322";
    pen.strokeStyle = "#d8dce388";
    pen.lineWidth = 1;
    pen.fillRect(from, y, to - from, height);
    pen.strokeRect(from + 0.5, y + 0.5, to - from - 1, height - 1);
    pen.beginPath();
    pen.moveTo(from, y + height);
    pen.lineTo(to, y);
    pen.stroke();
  }
}

function paintRuler(pen, scene) {
  const { view, model } = scene;
  pen.fillStyle = "#15171b";
  pen.fillRect(0, 0, view.width, RULER);
  pen.fillStyle = "#2a2e36";
  pen.fillRect(0, RULER - 1, view.width, 1);
  const step = stepOf(model, view);
  const parts = step / model.perFrame >= 5 ? 5 : Math.max(1, Math.round(step / model.perFrame));
  pen.font = MONO;
  pen.textBaseline = "alphabetic";
  for (let n = Math.floor(view.left / step); n * step < view.right; n++) {
    const x = Math.round(view.x(n * step)) + 0.5;
    pen.fillStyle = "#59606c";
    pen.fillRect(x - 0.5, RULER - 10, 1, 9);
    for (let part = 1; part < parts; part++) {
      pen.fillRect(Math.round(view.x((n + part / parts) * step)), RULER - 5, 1, 4);
    }
    pen.fillStyle = "#98a0ad";
    pen.fillText(timecode(n * step, model.rate), x + 4, 15);
  }
  for (const marker of model.markers) {
    const x = view.x(marker.time);
    if (x < -8 || x > view.width + 8) continue;
    pen.fillStyle = MARKS[marker.color] ?? MARKS.RED;
    pen.beginPath();
    pen.moveTo(x - 5, RULER - 14);
    pen.lineTo(x + 5, RULER - 14);
    pen.lineTo(x + 5, RULER - 7);
    pen.lineTo(x, RULER - 2);
    pen.lineTo(x - 5, RULER - 7);
    pen.fill();
  }
}

/** Beside and below: how much more there is than what is in sight, and where in it we are. */
function paintMore(pen, { model, view }) {
  const rows = model.tracks.reduce((sum, track) => sum + track.height, 0);
  const high = view.height - RULER;
  pen.fillStyle = "#6b7380";
  if (rows > high) thumb(pen, view.top / rows, (view.top + high) / rows, high, (from, size) => [view.width - 5, RULER + from, 4, size]);
  const end = Math.max(model.duration, view.right);
  if (view.left > 0 || view.right < model.duration) thumb(pen, view.left / end, view.right / end, view.width, (from, size) => [from, view.height - 5, size, 4]);
}

function thumb(pen, from, to, room, place) {
  const size = Math.max(24, (Math.min(to, 1) - from) * room);
  pen.beginPath();
  pen.roundRect(...place(Math.min(from * room, room - size), size), 2);
  pen.fill();
}

/** Ticks between two labels, so that they stand at least a hundred pixels apart. */
function stepOf(model, view) {
  const second = Math.ceil(model.rate.num / model.rate.den) * model.perFrame;
  const steps = [1, 2, 5, 10].map((n) => n * model.perFrame).filter((step) => step < second);
  for (const n of [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 36000]) steps.push(n * second);
  return steps.find((step) => step / view.ticksPerPixel >= 104) ?? steps.at(-1);
}

export function hatch(pen, x, y, width, height, color) {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.strokeStyle = color;
  pen.lineWidth = 2;
  pen.beginPath();
  for (let at = x - height; at < x + width; at += 10) {
    pen.moveTo(at, y + height);
    pen.lineTo(at + height, y);
  }
  pen.stroke();
  pen.restore();
}

function measured(pen, text) {
  let width = widths.get(text);
  if (width === undefined) {
    if (widths.size > 5000) widths.clear();
    pen.font = FONT;
    width = pen.measureText(text).width;
    widths.set(text, width);
  }
  return width;
}

/** As much of a text as there is room for. */
export function fitted(pen, text, room) {
  const width = measured(pen, text);
  if (width <= room) return text;
  const letters = Math.floor((text.length * (room - 8)) / width);
  return letters > 0 ? `${text.slice(0, letters).replace(/[\ud800-\udbff]$/, "")}…` : "";
}
