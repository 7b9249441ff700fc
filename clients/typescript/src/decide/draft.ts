/** The changes of one gesture in the making, written into a state as they come. */

import type { Change, TimelineState } from "../fold.js";
import { byText } from "../fold.js";
import { equal, KINDS, PLACEMENT, type Json, type KindName, type Rec, type Value } from "../records.js";
import { sha256 } from "../sha256.js";
import { carry } from "./carry.js";
import { inTicks, type Time } from "./time.js";
import { missing, Refused } from "./verdicts.js";

export class Draft {
  readonly changes: Change[] = [];
  private readonly mark: number;

  constructor(readonly state: TimelineState, readonly gestureId: string, private readonly base: number | undefined) {
    this.mark = state.mark();
  }

  /** A record as it was before this gesture. */
  before(id: string | null | undefined, kind?: KindName): Rec | undefined {
    const record = id === null || id === undefined ? undefined : this.state.at(this.mark, id);
    return record !== undefined && (kind === undefined || record.kind === kind) ? record : undefined;
  }

  undo(): void {
    this.state.revert(this.mark);
  }

  /** The living record; refused (`clip_missing`, …) where there is none. */
  get(kind: KindName, id: string): Rec {
    const record = this.state.find(id, kind);
    if (record === undefined) throw missing(kind);
    return record;
  }

  ticks(time: Time): number {
    return inTicks(time, this.state);
  }

  /** A position on a track (null: the timeline) as it is today, carried from where its author saw it. */
  position(time: Time, track: string | null): Time {
    if (this.base === undefined || this.base >= this.state.version) return time;
    return { ticks: carry(this.ticks(time), this.state, track, this.base) };
  }

  newId(role: string, source = ""): string {
    return deriveId(this.gestureId, role, source);
  }

  put(kind: KindName, id: string, value: Value): void {
    if (this.state.records.has(id) || this.state.gone.has(id)) throw new Refused("id_taken");
    this.add({ op: "put", kind, id, value });
  }

  /** Write fields; equal values are left out, the fields of one placement go together. */
  set(id: string, after: { readonly [field: string]: Json }): void {
    const record = this.state.records.get(id);
    if (record === undefined) throw missing("record");
    const changed = new Set(Object.keys(after).filter((name) => !equal(after[name] ?? null, record.value[name] ?? null)));
    const placement = PLACEMENT[record.kind] ?? [];
    if (placement.some((name) => changed.has(name))) for (const name of placement) changed.add(name);
    if (changed.size === 0) return;
    const fields: { [field: string]: readonly Json[] } = {};
    for (const name of changed) {
      const was = record.value[name] ?? null;
      fields[name] = [was, name in after ? (after[name] as Json) : was];
    }
    this.add({ op: "set", kind: record.kind, id, fields });
  }

  /** Drop a record and, before it, all that lies in it. */
  drop(id: string): void {
    for (const child of [...this.state.memberIds(id)].sort(byText)) {
      const inner = this.state.find(child);
      if (inner === undefined) continue; // a transition goes with the first of its clips
      if (KINDS[inner.kind].onDrop === "conflict") throw new Refused("in_use");
      this.drop(child);
    }
    const record = this.state.find(id);
    if (record !== undefined) this.add({ op: "drop", kind: record.kind, id, value: record.value });
  }

  private add(change: Change): void {
    this.state.apply(change);
    this.changes.push(change);
  }
}

/** The id of a record that a client did not name: the same for service, retry and client. 22 characters. */
export function deriveId(gestureId: string, role: string, source = ""): string {
  const digest = sha256(new TextEncoder().encode([gestureId, role, source].join("\0"))).slice(0, 16);
  return btoa(String.fromCharCode(...digest)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
