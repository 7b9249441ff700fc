/** Clear a range of a track: cut what reaches in, drop what lies inside. */
import type { Draft } from "./draft.js";
/** The ids of right halves that came to be; their links are still those of the whole. */
export declare function clear(draft: Draft, track: string, start: number, end: number, spared: ReadonlySet<string>): string[];
