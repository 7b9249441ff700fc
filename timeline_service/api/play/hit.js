/** What lies under the pointer. */

import { firstAfter, timeOf } from "./model.js";
import { RULER } from "./view.js";

const GRIP = 9;
const BESIDE = 4;

/**
 * {zone: "ruler" | "empty" | "item" | "cut" | "keyframe", track, time, item, edge, left, right, keyframe}; `edge` of an
 * item is start, end or body.
 */
export function hit(model, view, tool, x, y) {
  const time = view.time(x);
  if (y < RULER) return { zone: "ruler", time, track: null };
  const track = view.trackAt(y, model);
  if (track === null) return { zone: "empty", time, track: null };
  const near = around(track, view, time);
  if (tool === "roll") {
    const cut = cutNear(near, view, x);
    if (cut !== null) return { zone: "cut", time, track, ...cut };
  }
  for (const item of near) {
    const edge = edgeOf(item, view, x);
    if (edge === null) continue;
    const keyframe = tool === "select" ? keyframeAt(item, view, x, y) : null;
    if (keyframe !== null) return { zone: "keyframe", time, track, item, keyframe };
    return { zone: "item", time, track, item, edge: tool === "select" ? edge : "body" };
  }
  return { zone: "empty", time, track };
}

/** The item under a time first, then its neighbours. */
function around(track, view, time) {
  const margin = BESIDE * view.ticksPerPixel;
  const found = [];
  for (let n = firstAfter(track.items, time - margin); n < track.items.length; n++) {
    const item = track.items[n];
    if (item.start > time + margin) break;
    found.push(item);
  }
  return found.sort((a, b) => inside(b, time) - inside(a, time));
}

function inside(item, time) {
  return item.start <= time && time < item.end ? 1 : 0;
}

function edgeOf(item, view, x) {
  const from = view.x(item.start);
  const to = view.x(item.end);
  if (x < from - BESIDE || x > to + BESIDE) return null;
  const grip = Math.min(GRIP, (to - from) / 3);
  if (x <= from + grip) return "start";
  if (x >= to - grip) return "end";
  return "body";
}

function cutNear(near, view, x) {
  for (const left of near) {
    const right = near.find((item) => item.start === left.end);
    if (right !== undefined || near.length === 1) {
      const found = right !== undefined ? [left, right] : touching(left, view, x);
      if (found && Math.abs(view.x(found[1].start) - x) <= GRIP + 3) return { left: found[0], right: found[1] };
    }
  }
  return null;
}

/** The two clips at the cut of `item` that is nearer to `x`. */
function touching(item, view, x) {
  const items = item.track.items;
  const n = items.indexOf(item);
  const after = x - view.x(item.start) > view.x(item.end) - x;
  const pair = after ? [item, items[n + 1]] : [items[n - 1], item];
  return pair[0] && pair[1] && pair[0].end === pair[1].start ? pair : null;
}

function keyframeAt(item, view, x, y) {
  const bottom = view.y(item.track) + item.track.height - 4;
  if (!item.crops.length || y < bottom - 18) return null;
  for (const keyframe of item.crops) {
    const time = timeOf(item, keyframe.time);
    if (time >= item.start && time < item.end && Math.abs(view.x(time) - x) <= 8) return keyframe;
  }
  return null;
}
