/** Links and groups: what follows a clip, what a cut makes of a link, and what every gesture owes to bonds. */
import { type TimelineState } from "../fold.js";
import type { Draft } from "./draft.js";
/** The clips named and, behind them, all that are bound to one of them by these bonds, however far. */
export declare function together(state: TimelineState, clipIds: readonly string[], bonds: readonly string[]): string[];
/** The clip and, unless it is to go alone, its linked partners; the clip first. */
export declare function following(state: TimelineState, clipId: string, single: boolean): string[];
/** After cuts: of a link with two sides the left one keeps the label, the new right halves get another. */
export declare function part(draft: Draft, rights: Iterable<string>): void;
/** Drop transitions that were separated, and bonds of one. */
export declare function settle(draft: Draft): void;
