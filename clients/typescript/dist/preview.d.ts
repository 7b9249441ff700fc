/** Drags: what gestures would come to, told to the others while the mouse is down. */
import type { TimelineState } from "./fold.js";
import type { Gesture } from "./frames.js";
import { type Json } from "./records.js";
/** Fields that would be written, by record; what would be gone has no word here. The state stays as it is. */
export declare function preview(state: TimelineState, gestures: readonly Gesture[], transactionId: string): {
    transaction_id: string;
    records: {
        [id: string]: {
            [field: string]: Json;
        };
    };
};
