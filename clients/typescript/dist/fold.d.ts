/**
 * The fold: changes of events in, living records out. What a server and a Python client fold to, to the byte of every
 * value; owners of fields stay with the server.
 */
import { type Json, type KindName, type Rec, type Value } from "./records.js";
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
    readonly fields: {
        readonly [field: string]: readonly Json[];
    };
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
export declare const TRANSITIONS = "kind:transition";
/** The records of one timeline at one version. */
export declare class TimelineState {
    version: number;
    timelineId: string;
    /** The living records by id. */
    records: Map<string, Rec>;
    /** Ids that are no more, as far as this state has seen them go: they are never used again. */
    gone: Set<string>;
    /** Shifts since `groundSince`, oldest first: where a position that was noted earlier lies today. */
    shifts: Ground[];
    /** The version from which on `shifts` is complete. */
    groundSince: number;
    private members;
    private owned;
    /** What each write since the first `mark` replaced; null while nobody wants to go back. */
    private journal;
    /** An independent state: neither sees what the other takes from here on. */
    fork(): TimelineState;
    /** The living record of that id, and of that kind if one is named. */
    find(id: string | null | undefined, kind?: KindName): Rec | undefined;
    /**
     * The living records of a kind that lie in a container: clips of a track, keyframes of a clip, transitions of a
     * clip, markers of a track, a clip or the timeline; null: the tracks of the root sequence.
     */
    inside(container: string | null, kind: KindName): Rec[];
    /** The living records of a kind, all of them looked at. */
    ofKind(kind: KindName): Rec[];
    /** The living clips that share a link (`link_id`) or a group (`group_id`), in the order of their ids. */
    bound(bond: string, label: string): Rec[];
    /** Ids of what lies in a container, of any kind. */
    memberIds(container: string | null): ReadonlySet<string>;
    /** Frames per second as num/den. */
    get rate(): {
        readonly num: number;
        readonly den: number;
    };
    get ticksPerFrame(): number;
    /** One whole event: its changes in their order. Throws for a change that this code does not know. */
    take(changes: readonly Change[]): void;
    /** One change of the event `version + 1`. */
    apply(change: Change): void;
    /** A record that comes to be, or that a snapshot holds. */
    enter(record: Rec): void;
    /** From here on writes can be taken back with `revert`. What is marked must hold no shifts and no new versions. */
    mark(): number;
    /** Take back all that was written since a mark; 0 also ends the watching. */
    revert(mark: number): void;
    /** A record as it stood at a mark. */
    at(mark: number, id: string): Rec | undefined;
    private note;
    private set;
    /** A clip may be left by one side of a transition and entered by the other: what stays is not touched. */
    private changePlaces;
    private drop;
    private shiftInside;
    private need;
    private membersOf;
}
/** The order of ids and ranks, which are ASCII. */
export declare function byText(one: string, other: string): number;
