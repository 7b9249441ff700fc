/** What this client asked for and has no answer to yet, in the order in which it was asked. */
import type { TimelineState } from "./fold.js";
import type { EventItem, FlipFrame, Gesture, GestureResult, PushFrame, RestoreFrame, Transaction } from "./frames.js";
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
    readonly expect?: {
        readonly [path: string]: Json;
    };
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
/** One push on its way. */
export declare class Push {
    stored: StoredBatch;
    readonly kind = "push";
    sent: boolean;
    /** Sent behind a batch that is to be sent again: a refusal of it may be owed to that alone. */
    overtook: boolean;
    /** Committed before the snapshot that the state comes from, very likely: to be drawn from there alone. */
    drawn: boolean;
    readonly results: Map<string, {
        changes?: {
            [key: string]: unknown;
        }[];
        code?: string | null;
        conflicts?: import("./wire.js").components["schemas"]["FieldConflict"][] | null;
        description?: string | null;
        details?: {
            [key: string]: unknown;
        } | null;
        gesture?: {
            [key: string]: unknown;
        } | null;
        gesture_id: string;
        how?: ("committed" | "rebased" | "duplicate" | "noop" | "dry_run") | null;
        message?: string | null;
        ok: boolean;
        retry?: boolean | null;
        version?: number | null;
    }>;
    private fates;
    constructor(stored: StoredBatch);
    get batch(): string;
    get ids(): string[];
    /** Whether every gesture has its answer. */
    get answered(): boolean;
    /** Whether the state holds all that came of it. */
    get over(): boolean;
    /** All of it, each time: a gesture may name another one, and an atomic batch is known to the service as a whole. */
    frame(): PushFrame;
    has(gestureId: string): boolean;
    /** An answer that is final. What was accepted is drawn until the state has come to its version. */
    answer(gestureId: string, result: GestureResult, version: number): void;
    /** Its event has come: the state holds it, whatever the answer says or whether one comes. */
    happened(item: EventItem): void;
    private readonly seen;
    /** Answers from events alone, for gestures whose result was lost on the way. */
    answerFromEvents(): void;
    /** The log is another one: `base` is a version of the old one. */
    changeLog(): void;
    /** The state has come to a version: what was accepted up to it is in it. */
    reached(version: number): void;
    /** Draw what it does onto a state. An atomic batch with a refused gesture does nothing. */
    draw(state: TimelineState): void;
    /** A gesture that this code stumbles over must not stop all the others, now and after each reload. */
    private attempt;
    private fate;
}
/** An undo, a redo or a restore on its way. It draws nothing: only the service knows what it comes to. */
export declare class Flip {
    readonly request: FlipFrame | RestoreFrame;
    readonly kind = "flip";
    sent: boolean;
    overtook: boolean;
    constructor(request: FlipFrame | RestoreFrame);
    get batch(): string;
    get ids(): string[];
    frame(): FlipFrame | RestoreFrame;
}
export type Entry = Push | Flip;
