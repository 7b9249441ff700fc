/**
 * What a gesture would do to a state, where this client can tell exactly as the service would: set-field gestures,
 * move, trim, split, crop keyframes. The rules are those of the service's `domain`, part by part; the golden vectors of
 * `tests/golden/decide` hold both to each other.
 */
import type { Change, TimelineState } from "../fold.js";
import type { Gesture } from "../frames.js";
/** `decided`: the changes stand in the state; `refused`: the service would refuse it so; `undecided`: ask the service. */
export type Verdict = {
    readonly kind: "decided";
    readonly changes: readonly Change[];
} | {
    readonly kind: "refused";
    readonly code: string;
} | {
    readonly kind: "undecided";
    readonly why: string;
};
/** Types of gestures that are decided here, most of the time. */
export declare const DECIDABLE: ReadonlySet<string>;
/**
 * Decide a gesture on a state and write what it does into it; only `decided` leaves anything behind. `base` is the
 * version that its author saw. A gesture that changes nothing is decided, without changes.
 */
export declare function decide(state: TimelineState, gesture: Gesture | {
    readonly type: string;
}, gestureId: string, base?: number): Verdict;
