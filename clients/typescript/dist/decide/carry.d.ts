/** Where a time that was noted earlier lies on the ground of today: through every later shift of its track. */
import type { TimelineState } from "../fold.js";
/** Ticks of a version, in today's. Refused (`place_gone`) where it was cut away since. */
export declare function carry(time: number, state: TimelineState, track: string | null, base: number): number;
