/** Links and groups: what follows a clip, what a cut makes of a link, and what every gesture owes to bonds. */

import { byText, type Change, type Drop, type TimelineState } from "../fold.js";
import { BONDS, int, text, type Rec, type Value } from "../records.js";
import type { Draft } from "./draft.js";
import { adjacent, EXTENT } from "./transitions.js";

/** The clips named and, behind them, all that are bound to one of them by these bonds, however far. */
export function together(state: TimelineState, clipIds: readonly string[], bonds: readonly string[]): string[] {
  const found = new Set(clipIds);
  const waiting = [...found];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const clip = state.find(id, "clip");
    if (clip === undefined) continue;
    for (const bond of bonds) {
      const label = text(clip, bond);
      if (label === null) continue;
      for (const other of state.bound(bond, label)) {
        if (found.has(other.id)) continue;
        found.add(other.id);
        waiting.push(other.id);
      }
    }
  }
  return [...found];
}

/** The clip and, unless it is to go alone, its linked partners; the clip first. */
export function following(state: TimelineState, clipId: string, single: boolean): string[] {
  return single ? [clipId] : together(state, [clipId], ["link_id"]);
}

/** After cuts: of a link with two sides the left one keeps the label, the new right halves get another. */
export function part(draft: Draft, rights: Iterable<string>): void {
  const halves = [...rights].map((id) => [valueOf(draft, id)["start"] as number, id] as const);
  halves.sort((one, other) => one[0] - other[0] || byText(one[1], other[1]));
  for (const [, id] of halves) {
    const half = valueOf(draft, id);
    const label = half["link_id"] as string | null;
    if (label !== null) partAt(draft, label, half["start"] as number);
  }
}

/** The fields of a clip, or those that it had when it was dropped again. */
function valueOf(draft: Draft, id: string): Value {
  const there = draft.state.find(id);
  if (there !== undefined) return there.value;
  const drop = draft.changes.findLast((change) => change.op === "drop" && change.id === id);
  return (drop as Drop).value;
}

function partAt(draft: Draft, label: string, at: number): void {
  const clips = draft.state.bound("link_id", label);
  const left = clips.filter((clip) => int(clip, "start") < at).map((clip) => clip.id);
  const right = clips.filter((clip) => int(clip, "start") >= at).map((clip) => clip.id);
  if (left.length === 0 || right.length === 0) return;
  const other = left.length > 1 ? draft.newId("link", label) : label;
  for (const [ids, name] of [[left, label], [right, other]] as const) {
    for (const id of ids) draft.set(id, { link_id: ids.length > 1 ? name : null });
  }
}

/** Drop transitions that were separated, and bonds of one. */
export function settle(draft: Draft): void {
  const { touched, loosened } = written(draft);
  for (const id of [...touched].sort(byText)) {
    const transition = draft.state.find(id, "transition");
    if (transition !== undefined && !adjacent(draft.state, transition)) draft.drop(id);
  }
  for (const key of [...loosened].sort(byText)) {
    const [bond, label] = key.split("\0") as [string, string];
    const left = draft.state.bound(bond, label);
    if (left.length === 1) draft.set((left[0] as Rec).id, { [bond]: null });
  }
}

/** Transitions that were written or whose clips were, and bonds that a clip has left. */
function written(draft: Draft): { touched: Set<string>; loosened: Set<string> } {
  const touched = new Set<string>();
  const loosened = new Set<string>();
  for (const change of draft.changes) {
    if (change.op === "shift") continue;
    if (change.kind === "transition") touched.add(change.id);
    if (change.kind !== "clip") continue;
    if (change.op === "set" && EXTENT.some((field) => field in change.fields)) {
      for (const transition of draft.state.inside(change.id, "transition")) touched.add(transition.id);
    }
    for (const bond of BONDS) {
      const label = left(change, bond);
      if (label !== null) loosened.add(`${bond}\0${label}`);
    }
  }
  return { touched, loosened };
}


/** The label of a bond that a change of a clip takes it out of. */
function left(change: Change, bond: string): string | null {
  if (change.op === "drop") return change.value[bond] as string | null;
  if (change.op !== "set") return null;
  const told = change.fields[bond];
  return told !== undefined && told[0] !== told[1] ? (told[0] as string | null) : null;
}
