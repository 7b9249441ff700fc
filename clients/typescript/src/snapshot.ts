/** A timeline as `GET /timelines/{id}` answers it, taken apart into records again. */

import { TimelineState } from "./fold.js";
import { KINDS, type Json, type KindName, type Value } from "./records.js";

export type TimelineJson = { readonly [field: string]: Json };

const LISTS: { readonly [list: string]: KindName } = {
  sequences: "sequence", tracks: "track", clips: "clip", transitions: "transition", effects: "effect",
  captions: "caption", markers: "marker", annotations: "annotation", keyframes: "keyframe",
};
/** Of the timeline: what is said of its state, and no field of it. */
const SAID = new Set(["id", "workspace_id", "version", "state_hash", "head_hash", "ticks_per_frame", "duration", ...Object.keys(LISTS)]);
const NONE: ReadonlySet<string> = new Set(["id"]);
const OF_SEQUENCE: ReadonlySet<string> = new Set(["id", "duration"]);

/** The state that a timeline's JSON says. Positions noted before it cannot be carried to it. */
export function stateOf(data: TimelineJson): TimelineState {
  const state = new TimelineState();
  state.version = data["version"] as number;
  state.groundSince = state.version;
  state.enter({ kind: "timeline", id: data["id"] as string, value: flat("timeline", data, SAID) });
  for (const list in LISTS) {
    const kind = LISTS[list] as KindName;
    for (const shown of (data[list] ?? []) as readonly TimelineJson[]) {
      const value = flat(kind, shown, kind === "sequence" ? OF_SEQUENCE : NONE);
      state.enter({ kind, id: shown["id"] as string, value });
    }
  }
  return state;
}

/** One timeline from the parts of a snapshot: each list in slices, the rest in the first. */
export function joined(parts: readonly TimelineJson[]): TimelineJson {
  const whole: { [field: string]: Json } = {};
  for (const part of parts) {
    for (const field in part) {
      const there = whole[field];
      const more = part[field] as Json;
      whole[field] = field in LISTS && Array.isArray(there) ? [...there, ...(more as Json[])] : more;
    }
  }
  return whole;
}

function flat(kind: KindName, shown: TimelineJson, besides: ReadonlySet<string>): Value {
  const value: { [field: string]: Json } = {};
  for (const field in shown) {
    if (besides.has(field)) continue;
    const inner = shown[field] as Json;
    if (KINDS[kind].maps.includes(field)) {
      const map = inner as { [key: string]: Json };
      for (const key in map) value[`${field}.${key}`] = map[key] as Json;
    } else {
      value[field] = inner;
    }
  }
  return value;
}
