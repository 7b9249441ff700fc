/** A timeline as `GET /timelines/{id}` answers it, taken apart into records again. */
import { TimelineState } from "./fold.js";
import { type Json } from "./records.js";
export type TimelineJson = {
    readonly [field: string]: Json;
};
/** The state that a timeline's JSON says. Positions noted before it cannot be carried to it. */
export declare function stateOf(data: TimelineJson): TimelineState;
/** One timeline from the parts of a snapshot: each list in slices, the rest in the first. */
export declare function joined(parts: readonly TimelineJson[]): TimelineJson;
