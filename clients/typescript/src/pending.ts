/** What this client asked for and has no answer to yet, in the order in which it was asked. */

import { decide, type Verdict } from "./decide/decide.js";
import type { TimelineState } from "./fold.js";
import type {
  EventItem, FlipFrame, Gesture, GestureResult, PushFrame, RestoreFrame, Transaction,
} from "./frames.js";
import type { Json } from "./records.js";

/** A push as a queue keeps it: all that is needed to send it again, by another window and another day. */
export interface StoredBatch {
  readonly batch: string;
  /** Of its first gesture; the others follow. */
  readonly seq: number;
  readonly gestures: readonly Gesture[];
  readonly atomic: boolean;
  readonly base?: number;
  readonly expected_version?: number;
  readonly expect?: { readonly [path: string]: Json };
  readonly transaction?: Transaction;
  readonly dry_run?: boolean;
}

/** An undo, a redo or a restore as a queue keeps it; its number says where it stands among the pushes. */
export interface StoredFlip {
  readonly batch: string;
  readonly seq: number;
  readonly request: FlipFrame | RestoreFrame;
}

export type Stored = StoredBatch | StoredFlip;

/** A gesture without an answer, accepted at a version, or done with. */
type Fate = { readonly at: "asked" } | { readonly at: "accepted"; readonly version: number } | { readonly at: "over" };
const ASKED: Fate = { at: "asked" };
const OVER: Fate = { at: "over" };

/** One push on its way. */
export class Push {
  readonly kind = "push";
  sent = false;
  /** Sent behind a batch that is to be sent again: a refusal of it may be owed to that alone. */
  overtook = false;
  /** Committed before the snapshot that the state comes from, very likely: to be drawn from there alone. */
  drawn = true;
  readonly results = new Map<string, GestureResult>();
  private fates: Map<string, Fate>;

  constructor(public stored: StoredBatch) {
    this.fates = new Map(stored.gestures.map((gesture) => [gesture.gesture_id as string, ASKED]));
  }

  get batch(): string {
    return this.stored.batch;
  }

  get ids(): string[] {
    return [...this.fates.keys()];
  }

  /** Whether every gesture has its answer. */
  get answered(): boolean {
    return this.stored.gestures.every((gesture) => this.results.has(gesture.gesture_id as string));
  }

  /** Whether the state holds all that came of it. */
  get over(): boolean {
    return this.answered && this.stored.gestures.every((gesture) => this.fate(gesture).at === "over");
  }

  /** All of it, each time: a gesture may name another one, and an atomic batch is known to the service as a whole. */
  frame(): PushFrame {
    const { batch, atomic, base, expected_version, expect, transaction, dry_run } = this.stored;
    return {
      t: "push",
      batch,
      gestures: [...this.stored.gestures],
      atomic,
      ...(base === undefined ? {} : { base }),
      ...(expected_version === undefined ? {} : { expected_version }),
      ...(expect === undefined ? {} : { expect: { ...expect } }),
      ...(transaction === undefined ? {} : { transaction }),
      ...(dry_run === undefined ? {} : { dry_run }),
    };
  }

  has(gestureId: string): boolean {
    return this.fates.has(gestureId);
  }

  /** An answer that is final. What was accepted is drawn until the state has come to its version. */
  answer(gestureId: string, result: GestureResult, version: number): void {
    this.results.set(gestureId, result);
    const accepted = result.ok && result.how !== "noop" && result.how !== "dry_run" ? (result.version ?? 0) : 0;
    this.fates.set(gestureId, accepted > version ? { at: "accepted", version: accepted } : OVER);
  }

  /** Its event has come: the state holds it, whatever the answer says or whether one comes. */
  happened(item: EventItem): void {
    this.fates.set(item.gesture_id, OVER);
    this.seen.set(item.gesture_id, item);
  }

  private readonly seen = new Map<string, EventItem>();

  /** Answers from events alone, for gestures whose result was lost on the way. */
  answerFromEvents(): void {
    for (const [id, item] of this.seen) {
      if (this.results.has(id)) continue;
      const { version, changes, gesture, description } = item;
      this.results.set(id, {
        gesture_id: id, ok: true, version, how: "committed", description,
        changes: changes as unknown as { [name: string]: unknown }[], gesture: { ...gesture },
      });
    }
  }

  /** The log is another one: `base` is a version of the old one. */
  changeLog(): void {
    const { base: _base, ...stored } = this.stored;
    this.stored = stored;
  }

  /** The state has come to a version: what was accepted up to it is in it. */
  reached(version: number): void {
    for (const [id, fate] of this.fates) {
      if (fate.at === "accepted" && fate.version <= version) this.fates.set(id, OVER);
    }
  }

  /** Draw what it does onto a state. An atomic batch with a refused gesture does nothing. */
  draw(state: TimelineState): void {
    if (this.stored.dry_run === true || !this.drawn) return;
    const mark = state.mark();
    let certain = true;
    for (const gesture of this.stored.gestures) {
      if (this.fate(gesture).at === "over") continue;
      const verdict = this.attempt(state, gesture);
      if (verdict.kind === "undecided") certain = false;
      if (verdict.kind === "refused" && this.stored.atomic && certain) {
        state.revert(mark);
        return;
      }
    }
  }

  /** A gesture that this code stumbles over must not stop all the others, now and after each reload. */
  private attempt(state: TimelineState, gesture: Gesture): Verdict {
    try {
      return decide(state, gesture, gesture.gesture_id as string, this.stored.base);
    } catch (error) {
      return { kind: "undecided", why: String(error) };
    }
  }

  private fate(gesture: Gesture): Fate {
    return this.fates.get(gesture.gesture_id as string) ?? OVER;
  }
}

/** An undo, a redo or a restore on its way. It draws nothing: only the service knows what it comes to. */
export class Flip {
  readonly kind = "flip";
  sent = false;
  overtook = false;

  constructor(readonly request: FlipFrame | RestoreFrame) {}

  get batch(): string {
    return this.request.batch;
  }

  get ids(): string[] {
    return [this.request.gesture_id];
  }

  frame(): FlipFrame | RestoreFrame {
    return this.request;
  }
}

export type Entry = Push | Flip;
