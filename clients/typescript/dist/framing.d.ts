/** What the service would not even answer is found here, before it is queued: it would wait for ever. */
import type { PushFrame } from "./frames.js";
/** Throws RangeError. `taken` are the ids of gestures that wait already. */
export declare function check(frame: PushFrame, taken: ReadonlySet<string>, frameKb?: number): void;
