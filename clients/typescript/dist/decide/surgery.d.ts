/** The cuts that gestures share: move an edge of a clip, cut one in two. */
import { type Draft } from "./draft.js";
/** Move the beginning of a clip by `delta` ticks; its picture and its animation stay where they are in time. */
export declare function trimStart(draft: Draft, clipId: string, delta: number): void;
/** Move the end of a clip by `delta` ticks. */
export declare function trimEnd(draft: Draft, clipId: string, delta: number): void;
/** Split a clip at a timeline tick; the left half keeps its id, all that lay in it stays on its picture. */
export declare function cut(draft: Draft, clipId: string, at: number, rightId: string): void;
