/** What this person may take back, from all that is told of it: by a welcome, by answers, and by their own events. */

import type { EventItem, UndoState } from "./frames.js";

export class UndoKnowledge {
  state: UndoState = { can_undo: false, can_redo: false, label: null };
  private version = 0;

  /** The service has said so, of a version; what is older than what is known says nothing new. */
  told(state: UndoState, version: number): void {
    this.version = Math.max(this.version, version);
    this.state = state;
  }

  /** The log is another one: versions begin anew. */
  forget(): void {
    this.version = 0;
  }

  /**
   * An event of this person, of this window or another one. What is left after an undo or a redo elsewhere only the
   * service knows: both ways stay open, and the answer to the next undo says it exactly. Whether it said anything new.
   */
  happened(item: EventItem): boolean {
    if (item.version <= this.version || item.version === 1) return false;
    const flipped = item.cause?.kind === "undo" || item.cause?.kind === "redo";
    this.told({ can_undo: true, can_redo: flipped, label: flipped ? null : item.description }, item.version);
    return true;
  }
}
