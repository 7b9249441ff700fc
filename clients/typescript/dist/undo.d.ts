/** What this person may take back, from all that is told of it: by a welcome, by answers, and by their own events. */
import type { EventItem, UndoState } from "./frames.js";
export declare class UndoKnowledge {
    state: UndoState;
    private version;
    /** The service has said so, of a version; what is older than what is known says nothing new. */
    told(state: UndoState, version: number): void;
    /** The log is another one: versions begin anew. */
    forget(): void;
    /**
     * An event of this person, of this window or another one. What is left after an undo or a redo elsewhere only the
     * service knows: both ways stay open, and the answer to the next undo says it exactly. Whether it said anything new.
     */
    happened(item: EventItem): boolean;
}
