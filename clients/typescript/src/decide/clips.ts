/** move (onto free places or over what lies there), trim, split, and what else is decided of whole clips. */

import { byText, type TimelineState } from "../fold.js";
import { int, text, type Json, type Rec } from "../records.js";
import { following, part, together } from "./bonds.js";
import { clear } from "./clearing.js";
import type { Draft } from "./draft.js";
import { Parameters } from "./parameters.js";
import { cut, trimEnd, trimStart } from "./surgery.js";
import type { Time } from "./time.js";
import { missing, Refused, Undecided } from "./verdicts.js";

const MOST_TRACKS = 10_000;
const MOST_HALVES = 100;

export type Rule = (draft: Draft, gesture: { readonly [name: string]: unknown }) => void;

interface Destination {
  readonly start: Time | null;
  readonly trackId: string | null;
}

export const move: Rule = (draft, gesture) => {
  const known = ["clip_ids", "delta", "track_offset", "to", "on_overlap", "scope", "ripple_markers", "single"];
  const parameters = new Parameters(gesture, known);
  const named = parameters.ids("clip_ids");
  const delta = parameters.optionalTime("delta");
  const offset = parameters.raw("track_offset") === undefined ? 0
    : parameters.whole("track_offset", -MOST_TRACKS, MOST_TRACKS);
  const onOverlap = parameters.choice("on_overlap", ["refuse", "overwrite", "insert"], "refuse");
  if (onOverlap === "insert") throw new Undecided("what lies there makes way");
  parameters.choice("scope", ["track", "sync_locked", "all"], "track");
  parameters.flag("ripple_markers", false);
  const single = parameters.flag("single", false);
  const to = carried(draft, destination(parameters), named[0] as string);
  if (to !== null && (delta !== null || offset !== 0)) throw new Refused("invalid");
  for (const id of named) draft.get("clip", id);
  const ids = single ? named : together(draft.state, named, ["link_id", "group_id"]);
  const clips = ids.map((id) => draft.get("clip", id));
  const targets = landingTracks(draft, clips, offset, to, named.length);
  const by = distanceInTime(draft, clips[0] as Rec, delta, to);
  const landings = clips.map((clip) => ({
    id: clip.id, track: targets.get(text(clip, "track_id") as string) as string, start: int(clip, "start") + by,
    duration: int(clip, "duration"),
  }));
  if (landings.some((landing) => landing.start < 0)) throw new Refused("negative_time");
  if (onOverlap === "overwrite") {
    const spared = new Set(ids);
    const clearOne = (one: typeof landings[number]): string[] =>
      clear(draft, one.track, one.start, one.start + one.duration, spared);
    part(draft, landings.flatMap(clearOne));
  }
  for (const { id, track, start } of landings) draft.set(id, { track_id: track, start });
};

function destination(parameters: Parameters): Destination | null {
  const to = parameters.raw("to");
  if (to === undefined || to === null) return null;
  if (typeof to !== "object") throw new Undecided("not a destination");
  const inner = new Parameters(to as { [name: string]: unknown }, ["start", "track_id"], true);
  return { start: inner.optionalTime("start"), trackId: inner.optionalId("track_id") };
}

function carried(draft: Draft, to: Destination | null, firstId: string): Destination | null {
  const first = draft.state.find(firstId, "clip");
  if (to === null || to.start === null || first === undefined) return to;
  return { start: draft.position(to.start, to.trackId ?? text(first, "track_id")), trackId: to.trackId };
}

function distanceInTime(draft: Draft, first: Rec, delta: Time | null, to: Destination | null): number {
  if (to === null) return delta === null ? 0 : draft.ticks(delta);
  return to.start === null ? 0 : draft.ticks(to.start) - int(first, "start");
}

/** Track → the track on which its clips land. */
function landingTracks(
  draft: Draft, clips: readonly Rec[], offset: number, to: Destination | null, leading: number,
): ReadonlyMap<string, string> {
  const trackOf = (clip: Rec): Rec => draft.get("track", text(clip, "track_id") as string);
  const first = trackOf(clips[0] as Rec);
  let kinds = new Set(clips.slice(0, leading).map((clip) => trackOf(clip).value["kind"] as string));
  let by = offset;
  if (to !== null && to.trackId !== null) {
    by = distance(draft.state, first, draft.get("track", to.trackId));
    kinds = new Set([first.value["kind"] as string]);
  }
  const found = new Map<string, string>();
  for (const clip of clips) {
    const track = trackOf(clip);
    const along = by !== 0 && kinds.has(track.value["kind"] as string);
    if (!found.has(track.id)) found.set(track.id, along ? beside(draft.state, track, by) : track.id);
  }
  return found;
}

/** The tracks of a kind and a sequence, lowest first. */
function stack(state: TimelineState, track: Rec): string[] {
  const beside = state.inside(text(track, "sequence_id"), "track")
    .filter((other) => other.value["kind"] === track.value["kind"]);
  beside.sort((one, other) => byText(text(one, "order") as string, text(other, "order") as string)
    || byText(one.id, other.id));
  return beside.map((other) => other.id);
}

function beside(state: TimelineState, track: Rec, offset: number): string {
  const tracks = stack(state, track);
  const found = tracks[tracks.indexOf(track.id) + offset];
  if (found === undefined) throw missing("track");
  return found;
}

function distance(state: TimelineState, source: Rec, target: Rec): number {
  const tracks = stack(state, source);
  if (!tracks.includes(target.id)) throw new Refused("kind_mismatch");
  return tracks.indexOf(target.id) - tracks.indexOf(source.id);
}

export const trim: Rule = (draft, gesture) => {
  const parameters = new Parameters(gesture, ["clip_id", "edge", "delta", "single"]);
  const clipId = parameters.id("clip_id");
  const edge = parameters.choice("edge", ["start", "end"]);
  const single = parameters.flag("single", false);
  const delta = draft.ticks(parameters.time("delta"));
  draft.get("clip", clipId);
  for (const id of following(draft.state, clipId, single)) {
    if (edge === "start") trimStart(draft, id, delta);
    else trimEnd(draft, id, delta);
  }
};

export const split: Rule = (draft, gesture) => {
  const parameters = new Parameters(gesture, ["clip_id", "at", "new_id", "new_ids", "single"]);
  const clipId = parameters.id("clip_id");
  const newId = parameters.optionalId("new_id") ?? draft.newId("right");
  const newIds = parameters.idMap("new_ids", MOST_HALVES);
  const single = parameters.flag("single", false);
  const there = draft.state.find(clipId, "clip");
  const time = parameters.time("at");
  const at = draft.ticks(there === undefined ? time : draft.position(time, text(there, "track_id")));
  draft.get("clip", clipId);
  const rights = new Map([[clipId, newId]]);
  for (const id of following(draft.state, clipId, single).slice(1)) {
    const partner = draft.get("clip", id);
    const offset = at - int(partner, "start");
    if (offset > 0 && offset < int(partner, "duration")) rights.set(id, newIds.get(id) ?? draft.newId("right", id));
  }
  for (const [id, rightId] of rights) cut(draft, id, at, rightId);
  part(draft, rights.values());
};

export const reverse: Rule = (draft, gesture) => {
  const parameters = new Parameters(gesture, ["clip_id", "single"]);
  const clipId = parameters.id("clip_id");
  for (const id of following(draft.state, clipId, parameters.flag("single", false))) {
    draft.set(id, { reversed: draft.get("clip", id).value["reversed"] !== true });
  }
};

export const removeClip: Rule = (draft, gesture) => {
  const parameters = new Parameters(gesture, ["clip_id", "single"]);
  const single = parameters.flag("single", false);
  const clip = draft.get("clip", parameters.id("clip_id"));
  for (const id of following(draft.state, clip.id, single)) draft.drop(draft.get("clip", id).id);
};

export const removeTitle: Rule = (draft, gesture) => {
  const clip = draft.get("clip", new Parameters(gesture, ["clip_id"]).id("clip_id"));
  const media = clip.value["media"] as { readonly generator?: Json };
  if (media.generator !== "title") throw new Refused("kind_mismatch");
  draft.drop(clip.id);
};
