/**
 * The fold: changes of events in, living records out. What a server and a Python client fold to, to the byte of every
 * value; owners of fields stay with the server.
 */

import { KINDS, type Json, type KindName, type Rec, type Value } from "./records.js";

export interface Put {
  readonly op: "put";
  readonly kind: KindName;
  readonly id: string;
  readonly value: Value;
}

/** `fields[name]` is `[before, after, …]`. */
export interface SetFields {
  readonly op: "set";
  readonly kind: KindName;
  readonly id: string;
  readonly fields: { readonly [field: string]: readonly Json[] };
}

export interface Drop {
  readonly op: "drop";
  readonly kind: KindName;
  readonly id: string;
  readonly value: Value;
}

/** All that starts at or after `from` on a track moves by `by` ticks; track null: the timeline's markers. */
export interface Shift {
  readonly op: "shift";
  readonly id: string;
  readonly track: string | null;
  readonly from: number;
  readonly by: number;
  readonly moves: boolean;
}

export type Change = Put | SetFields | Drop | Shift;

/** A shift where it stands in the log. */
export interface Ground {
  readonly version: number;
  readonly shift: Shift;
}

/** The key of the member list that holds all transitions. */
export const TRANSITIONS = "kind:transition";
const NOBODY: ReadonlySet<string> = new Set();

/** What stood under an id before it was written. */
interface Replaced {
  readonly id: string;
  readonly record: Rec | undefined;
  readonly gone: boolean;
}

/** The records of one timeline at one version. */
export class TimelineState {
  version = 0;
  timelineId = "";
  /** The living records by id. */
  records = new Map<string, Rec>();
  /** Ids that are no more, as far as this state has seen them go: they are never used again. */
  gone = new Set<string>();
  /** Shifts since `groundSince`, oldest first: where a position that was noted earlier lies today. */
  shifts: Ground[] = [];
  /** The version from which on `shifts` is complete. */
  groundSince = 0;
  private members = new Map<string | null, Set<string>>();
  private owned = new Set<string | null>();
  /** What each write since the first `mark` replaced; null while nobody wants to go back. */
  private journal: Replaced[] | null = null;

  /** An independent state: neither sees what the other takes from here on. */
  fork(): TimelineState {
    const other = new TimelineState();
    other.version = this.version;
    other.timelineId = this.timelineId;
    other.records = new Map(this.records);
    other.gone = new Set(this.gone);
    other.shifts = this.shifts.slice();
    other.groundSince = this.groundSince;
    other.members = new Map(this.members);
    this.owned = new Set();
    return other;
  }

  // ---- reading
  /** The living record of that id, and of that kind if one is named. */
  find(id: string | null | undefined, kind?: KindName): Rec | undefined {
    if (id === null || id === undefined) return undefined;
    const record = this.records.get(id);
    return record !== undefined && (kind === undefined || record.kind === kind) ? record : undefined;
  }

  /**
   * The living records of a kind that lie in a container: clips of a track, keyframes of a clip, transitions of a
   * clip, markers of a track, a clip or the timeline; null: the tracks of the root sequence.
   */
  inside(container: string | null, kind: KindName): Rec[] {
    const found: Rec[] = [];
    for (const id of this.memberIds(container)) {
      const record = this.records.get(id);
      if (record !== undefined && record.kind === kind) found.push(record);
    }
    return found;
  }

  /** The living records of a kind, all of them looked at. */
  ofKind(kind: KindName): Rec[] {
    const found: Rec[] = [];
    for (const record of this.records.values()) if (record.kind === kind) found.push(record);
    return found;
  }

  /** The living clips that share a link (`link_id`) or a group (`group_id`), in the order of their ids. */
  bound(bond: string, label: string): Rec[] {
    const ids = [...this.memberIds(`${bond}:${label}`)].sort(byText);
    return ids.map((id) => this.records.get(id)).filter((record) => record !== undefined);
  }

  /** Ids of what lies in a container, of any kind. */
  memberIds(container: string | null): ReadonlySet<string> {
    return this.members.get(container) ?? NOBODY;
  }

  /** Frames per second as num/den. */
  get rate(): { readonly num: number; readonly den: number } {
    const timeline = this.records.get(this.timelineId);
    if (timeline === undefined) throw new Error("this state has no timeline yet");
    return timeline.value["rate"] as { num: number; den: number };
  }

  get ticksPerFrame(): number {
    const { num, den } = this.rate;
    return Math.floor((705_600_000 * den) / num);
  }

  // ---- folding
  /** One whole event: its changes in their order. Throws for a change that this code does not know. */
  take(changes: readonly Change[]): void {
    for (const change of changes) this.apply(change);
    this.version += 1;
  }

  /** One change of the event `version + 1`. */
  apply(change: Change): void {
    switch (change.op) {
      case "put":
        this.enter({ kind: change.kind, id: change.id, value: { ...change.value } });
        break;
      case "set":
        this.set(change);
        break;
      case "drop":
        this.drop(change.id);
        break;
      case "shift":
        this.shifts.push({ version: this.version + 1, shift: change });
        if (change.moves) this.shiftInside(change.track ?? this.timelineId, change.from, change.by);
        break;
      default:
        throw new Error(`an unknown change: ${JSON.stringify((change as { op: unknown }).op)}`);
    }
  }

  /** A record that comes to be, or that a snapshot holds. */
  enter(record: Rec): void {
    if (KINDS[record.kind] === undefined) throw new Error(`an unknown kind of record: ${String(record.kind)}`);
    this.note(record.id);
    this.records.set(record.id, record);
    this.gone.delete(record.id);
    if (record.kind === "timeline") this.timelineId = record.id;
    for (const key of memberKeys(record)) this.membersOf(key).add(record.id);
  }

  // ---- going back
  /** From here on writes can be taken back with `revert`. What is marked must hold no shifts and no new versions. */
  mark(): number {
    this.journal ??= [];
    return this.journal.length;
  }

  /** Take back all that was written since a mark; 0 also ends the watching. */
  revert(mark: number): void {
    const journal = this.journal ?? [];
    while (journal.length > mark) {
      const { id, record, gone } = journal.pop() as Replaced;
      const now = this.records.get(id);
      if (now !== undefined && record !== undefined) {
        this.records.set(id, record);
        this.changePlaces(now, record);
      } else if (now !== undefined) {
        for (const key of memberKeys(now)) this.membersOf(key).delete(id);
        this.records.delete(id);
      } else if (record !== undefined) {
        this.records.set(id, record);
        for (const key of memberKeys(record)) this.membersOf(key).add(id);
      }
      if (gone) this.gone.add(id);
      else this.gone.delete(id);
    }
    if (mark === 0) this.journal = null;
  }

  /** A record as it stood at a mark. */
  at(mark: number, id: string): Rec | undefined {
    const journal = this.journal ?? [];
    for (let n = mark; n < journal.length; n++) {
      const replaced = journal[n] as Replaced;
      if (replaced.id === id) return replaced.record;
    }
    return this.records.get(id);
  }

  private note(id: string): void {
    this.journal?.push({ id, record: this.records.get(id), gone: this.gone.has(id) });
  }

  private set(change: SetFields): void {
    const record = this.need(change.id);
    const kind = KINDS[record.kind];
    const value: { [field: string]: Json } = { ...record.value };
    for (const field in change.fields) {
      const after = change.fields[field]?.[1] ?? null;
      if (after === null && field.includes(".")) delete value[field];
      else value[field] = after;
    }
    const written: Rec = { kind: record.kind, id: record.id, value };
    this.note(record.id);
    this.records.set(record.id, written);
    const moved = (kind.container !== null && kind.container in change.fields)
      || kind.sides.some(([field]) => field in change.fields);
    if (moved) this.changePlaces(record, written);
  }

  /** A clip may be left by one side of a transition and entered by the other: what stays is not touched. */
  private changePlaces(before: Rec, after: Rec): void {
    const left = memberKeys(before);
    const entered = memberKeys(after);
    for (const key of left) if (!entered.includes(key)) this.membersOf(key).delete(before.id);
    for (const key of entered) if (!left.includes(key)) this.membersOf(key).add(after.id);
  }

  private drop(id: string): void {
    const record = this.need(id);
    this.note(id);
    for (const key of memberKeys(record)) this.membersOf(key).delete(id);
    this.records.delete(id);
    this.gone.add(id);
  }

  private shiftInside(container: string, from: number, by: number): void {
    for (const id of this.memberIds(container)) {
      const record = this.records.get(id);
      if (record === undefined) continue;
      const field = KINDS[record.kind].time;
      if (field === null) {
        this.shiftInside(id, from, by); // an effect of the track: its keyframes lie on the same ground
      } else {
        const time = record.value[field] as number;
        if (time >= from) {
          this.records.set(id, { kind: record.kind, id, value: { ...record.value, [field]: time + by } });
        }
      }
    }
  }

  private need(id: string): Rec {
    const record = this.records.get(id);
    if (record === undefined) throw new Error(`there is no record ${id}`);
    return record;
  }

  private membersOf(container: string | null): Set<string> {
    let members = this.members.get(container);
    if (members !== undefined && this.owned.has(container)) return members;
    members = new Set(members);
    this.members.set(container, members);
    this.owned.add(container);
    return members;
  }
}

/** The member lists in which a record stands. */
function memberKeys(record: Rec): (string | null)[] {
  const { container, sides } = KINDS[record.kind];
  const keys: (string | null)[] = container === null ? [] : [record.value[container] as string | null];
  for (const [field, prefix] of sides) {
    const label = record.value[field];
    if (label !== null && label !== undefined) keys.push(prefix + (label as string));
  }
  if (record.kind === "transition") keys.push(TRANSITIONS);
  return keys;
}

/** The order of ids and ranks, which are ASCII. */
export function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
