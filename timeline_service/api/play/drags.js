/**
 * Drags: what a move of the pointer comes to. Each has
 *   records   id → fields as they would be: drawn here, and sent to the others as a preview
 *   blocked   ids that could not lie there
 *   tip       what to write beside the pointer
 *   move(at)  the pointer is at {time, track, y, x, snap, ripple, overwrite, insert}
 *   gesture() the one gesture that it ends in, or null
 */

import { firstAfter, followers, sourceAt } from "./model.js";
import { Magnet } from "./snapping.js";
import { span, ticks, timecode, toFrame } from "./time.js";

class Drag {
  records = {};
  blocked = new Set();
  snapAt = null;
  tip = null;

  constructor(model, view, playhead, ids) {
    this.model = model;
    this.view = view;
    this.ids = ids;
    this.magnet = new Magnet(model, ids, playhead);
  }

  /** A whole number of frames near `delta`, pulled so that one of `times` meets a point. */
  snapped(delta, times, snap) {
    this.snapAt = null;
    let whole = toFrame(delta, this.model.perFrame);
    if (snap) {
      const pull = this.magnet.pull(times.map((time) => time + delta), this.view.ticksPerPixel);
      if (pull !== null) {
        const there = toFrame(delta + pull.by, this.model.perFrame);
        if (Math.abs(there - delta - pull.by) < 1) {
          whole = there;
          this.snapAt = pull.at;
        }
      }
    }
    return whole;
  }

  say(at, text) {
    this.tip = { x: at.x, y: at.y, text };
  }

  get rate() {
    return this.model.rate;
  }
}

/** Clips (or one caption) moved in time and over tracks. */
export class Move extends Drag {
  kind = "move";
  label = "Move";

  constructor(model, view, playhead, chosen, lead, time) {
    super(model, view, playhead, followers(model, chosen));
    this.chosen = [...chosen];
    this.lead = lead;
    this.grabbed = time;
    this.earliest = Math.min(...[...this.ids].map((id) => model.items.get(id).start));
    this.rows = [...model.tracks].filter((track) => track.kind === lead.track.kind).sort((a, b) => (a.order < b.order ? -1 : 1));
  }

  move(at) {
    const delta = this.snapped(at.time - this.grabbed, [this.lead.start, this.lead.end], at.snap);
    this.delta = Math.max(delta, -this.earliest);
    this.offset = this.offsetTo(at.track);
    this.mode = at.overwrite ? "overwrite" : at.insert ? "insert" : "refuse";
    this.records = {};
    for (const id of this.ids) {
      const item = this.model.items.get(id);
      const row = item.track.kind === this.lead.track.kind ? this.rows[this.rows.indexOf(item.track) + this.offset] : item.track;
      this.records[id] = { start: item.start + this.delta, track_id: (row ?? item.track).id };
    }
    this.blocked = this.mode === "refuse" ? this.collisions() : new Set();
    const word = { overwrite: ", overwrites", insert: ", makes room", refuse: this.blocked.size ? ", no room: Alt overwrites, Ctrl inserts" : "" };
    this.say(at, `${this.delta >= 0 ? "+" : ""}${span(this.delta, this.rate)}${word[this.mode]}`);
  }

  offsetTo(track) {
    if (track === null || track.kind !== this.lead.track.kind) return this.offset ?? 0;
    const wanted = this.rows.indexOf(track) - this.rows.indexOf(this.lead.track);
    const places = [...this.ids].map((id) => this.rows.indexOf(this.model.items.get(id).track)).filter((n) => n >= 0);
    return Math.min(Math.max(wanted, -Math.min(...places)), this.rows.length - 1 - Math.max(...places));
  }

  collisions() {
    const found = new Set();
    for (const id of this.ids) {
      const item = this.model.items.get(id);
      const { start, track_id } = this.records[id];
      const track = this.model.trackById.get(track_id);
      if (track.locked || item.track.locked || !free(track.items, start, start + item.duration, this.ids)) found.add(id);
    }
    return found;
  }

  gesture() {
    if (!this.delta && !this.offset) return null;
    if (this.lead.kind === "caption") {
      const there = this.records[this.lead.id];
      return { type: "update_caption", caption_id: this.lead.id, start: ticks(there.start), track_id: there.track_id };
    }
    const clips = this.chosen.filter((id) => this.model.items.get(id).kind === "clip");
    return { type: "move", clip_ids: clips, delta: ticks(this.delta), track_offset: this.offset, on_overlap: this.mode };
  }
}

function free(items, start, end, without) {
  for (let n = firstAfter(items, start); n < items.length && items[n].start < end; n++) {
    if (!without.has(items[n].id)) return false;
  }
  return true;
}

/** How far the edge of an item may go, in ticks: `{min, max}`. What a changed speed allows only the service knows. */
export function reach(item, edge, perFrame, neighbours) {
  const items = item.track.items;
  const place = items.indexOf(item);
  const handles = handlesOf(item);
  if (edge === "start") {
    const room = neighbours ? item.start - (items[place - 1]?.end ?? 0) : Infinity;
    return { min: -Math.min(room, neighbours ? item.start : Infinity, handles.before), max: item.duration - perFrame };
  }
  const room = neighbours ? (items[place + 1]?.start ?? Infinity) - item.end : Infinity;
  return { min: perFrame - item.duration, max: Math.min(room, handles.after) };
}

/** Media before the first and after the last picture that is shown, in timeline ticks; Infinity where it never ends. */
export function handlesOf(item) {
  if (item.kind === "caption") return { before: Infinity, after: Infinity };
  const { media, speed, reversed, source_in } = item.value;
  if (!media.available || media.generator || media.kind === "image" || speed.num !== speed.den || reversed) {
    return { before: Infinity, after: Infinity };
  }
  const before = source_in - media.available.start;
  return { before, after: media.available.start + media.available.duration - source_in - item.duration };
}

/** One edge of a clip and of what is linked to it. */
export class Trim extends Drag {
  kind = "trim";

  constructor(model, view, playhead, item, edge, time) {
    super(model, view, playhead, followers(model, [item.id], false));
    this.item = item;
    this.edge = edge;
    this.grabbed = time;
    this.label = edge === "start" ? "Trim start" : "Trim end";
  }

  move(at) {
    this.ripple = at.ripple && this.item.kind === "clip";
    const at_edge = this.edge === "start" ? this.item.start : this.item.end;
    const limit = reach(this.item, this.edge, this.model.perFrame, !this.ripple);
    const wanted = this.snapped(at.time - this.grabbed, [at_edge], at.snap);
    this.delta = Math.min(Math.max(wanted, limit.min), limit.max);
    if (this.delta !== wanted) this.snapAt = null;
    this.delta = this.delta < 0 ? -Math.floor(-this.delta / this.model.perFrame) * this.model.perFrame : Math.floor(this.delta / this.model.perFrame) * this.model.perFrame;
    this.records = {};
    for (const id of this.ids) this.records[id] = trimmed(this.model.items.get(id), this.edge, this.delta, this.ripple);
    const length = this.records[this.item.id].duration;
    this.say(at, `${this.ripple ? "Ripple " : ""}${this.delta >= 0 ? "+" : ""}${span(this.delta, this.rate)} · ${span(length, this.rate)} long`);
  }

  gesture() {
    if (!this.delta) return null;
    if (this.item.kind === "caption") {
      const there = this.records[this.item.id];
      return { type: "update_caption", caption_id: this.item.id, start: ticks(there.start), duration: ticks(there.duration) };
    }
    const gesture = { type: this.ripple ? "ripple_trim" : "trim", clip_id: this.item.id, edge: this.edge, delta: ticks(this.delta) };
    return this.ripple ? { ...gesture, scope: "track" } : gesture;
  }
}

function trimmed(item, edge, delta, ripple) {
  if (edge === "end") return { duration: item.duration + delta };
  const start = ripple ? item.start : item.start + delta;
  const fields = { start, duration: item.duration - delta };
  return item.kind === "clip" && item.value.speed.num === item.value.speed.den ? { ...fields, source_in: item.value.source_in + delta } : fields;
}

/** The cut between two clips: one gains what the other loses. */
export class Roll extends Drag {
  kind = "roll";
  label = "Roll";

  constructor(model, view, playhead, left, right, time) {
    super(model, view, playhead, new Set([left.id, right.id]));
    this.left = left;
    this.right = right;
    this.grabbed = time;
  }

  move(at) {
    const one = reach(this.left, "end", this.model.perFrame, false);
    const other = reach(this.right, "start", this.model.perFrame, false);
    const wanted = this.snapped(at.time - this.grabbed, [this.right.start], at.snap);
    this.delta = Math.min(Math.max(wanted, one.min, other.min), one.max, other.max);
    if (this.delta !== wanted) this.snapAt = null;
    this.records = {
      [this.left.id]: trimmed(this.left, "end", this.delta, false),
      [this.right.id]: trimmed(this.right, "start", this.delta, false),
    };
    this.say(at, `Roll ${this.delta >= 0 ? "+" : ""}${span(this.delta, this.rate)}`);
  }

  gesture() {
    return this.delta ? { type: "roll", left_id: this.left.id, right_id: this.right.id, delta: ticks(this.delta) } : null;
  }
}

/** A crop keyframe along its clip. */
export class KeyframeMove extends Drag {
  kind = "keyframe";
  label = "Move keyframe";

  constructor(model, view, playhead, item, keyframe) {
    super(model, view, playhead, new Set());
    this.item = item;
    this.keyframe = keyframe;
  }

  move(at) {
    const wanted = this.snapped(at.time, [0], at.snap);
    this.at = Math.min(Math.max(wanted, this.item.start), this.item.end - this.model.perFrame);
    this.moved = sourceAt(this.item, this.at) !== this.keyframe.time;
    this.say(at, `Keyframe at ${timecode(this.at, this.rate)}`);
  }

  gesture() {
    return this.moved ? { type: "move_crop_keyframe", keyframe_id: this.keyframe.id, to: { at: ticks(this.at) } } : null;
  }
}
