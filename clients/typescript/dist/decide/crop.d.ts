/** Crop keyframes: where in the source one lies, which one is meant, and its window in ppm of the picture. */
import type { TimelineState } from "../fold.js";
import { type Json, type Rec } from "../records.js";
import type { Draft } from "./draft.js";
import type { Parameters } from "./parameters.js";
import { type Window } from "./properties.js";
import { type Time } from "./time.js";
/** A place in the source of a clip: a frame of it, or what is shown at a timeline time. */
export interface Spot {
    readonly frame: number | null;
    readonly at: Time | null;
}
export interface Address extends Spot {
    readonly keyframeId: string | null;
    readonly clipId: string | null;
}
export declare function readSpot(parameters: Parameters): Spot;
export declare function readAddress(parameters: Parameters): Address;
/** `at` carried to the ground of today, where the clip is there. */
export declare function carried(draft: Draft, spot: Spot, clipId: string | null): Spot;
/** The clip whose keyframe is meant. */
export declare function clipOf(state: TimelineState, address: Address): string | null;
/** The source tick of a place in a clip; a frame may lie in the handles. */
export declare function sourceTick(draft: Draft, clip: Rec, spot: Spot): number;
/** The keyframe meant, by its id or by its clip and its place. */
export declare function find(draft: Draft, address: Address): Rec;
/** The given ones of x, y, width, height in ppm. */
export declare function window(parameters: Parameters, media: {
    readonly [field: string]: Json | undefined;
}): Partial<Window>;
export declare function checkWindow(window: Window): {
    [side: string]: number;
};
/** How a value goes to the next keyframe, as a record keeps it; null where it is left out. */
export declare function interpolation(parameters: Parameters): Json | null;
