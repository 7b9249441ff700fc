/** The changes of one gesture in the making, written into a state as they come. */
import type { Change, TimelineState } from "../fold.js";
import { type Json, type KindName, type Rec, type Value } from "../records.js";
import { type Time } from "./time.js";
export declare class Draft {
    readonly state: TimelineState;
    readonly gestureId: string;
    private readonly base;
    readonly changes: Change[];
    private readonly mark;
    constructor(state: TimelineState, gestureId: string, base: number | undefined);
    /** A record as it was before this gesture. */
    before(id: string | null | undefined, kind?: KindName): Rec | undefined;
    undo(): void;
    /** The living record; refused (`clip_missing`, …) where there is none. */
    get(kind: KindName, id: string): Rec;
    ticks(time: Time): number;
    /** A position on a track (null: the timeline) as it is today, carried from where its author saw it. */
    position(time: Time, track: string | null): Time;
    newId(role: string, source?: string): string;
    put(kind: KindName, id: string, value: Value): void;
    /** Write fields; equal values are left out, the fields of one placement go together. */
    set(id: string, after: {
        readonly [field: string]: Json;
    }): void;
    /** Drop a record and, before it, all that lies in it. */
    drop(id: string): void;
    private add;
}
/** The id of a record that a client did not name: the same for service, retry and client. 22 characters. */
export declare function deriveId(gestureId: string, role: string, source?: string): string;
