/** Transitions: whether their clips still touch, and whether these have the handles that are shown. */
import type { TimelineState } from "../fold.js";
import { type Rec } from "../records.js";
/** Fields of a clip that say where it lies. */
export declare const EXTENT: readonly ["track_id", "start", "duration"];
export declare function end(item: Rec): number;
/** Whether its clips are there and touch on one track; with a null side there is nothing to touch. */
export declare function adjacent(state: TimelineState, transition: Rec): boolean;
/** The timeline ticks in which it is shown: [first, end). */
export declare function span(state: TimelineState, transition: Rec): readonly [number, number];
/** The transition at the end of a clip. */
export declare function tail(state: TimelineState, clipId: string): Rec | undefined;
/** Refuse a transition that cannot be shown. */
export declare function check(state: TimelineState, transition: Rec): void;
/** Refuse a clip that has two transitions at one end, or is shorter than what lies on it. */
export declare function checkClip(state: TimelineState, clip: Rec): void;
