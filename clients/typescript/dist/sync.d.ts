/**
 * The sync core: frames in, frames and news out. It opens no socket and looks at no clock, so that tests drive it step
 * by step, and `client.ts` with a real socket.
 *
 *     confirmed   what the service has committed, up to a version, event by event
 *     state       the same and, on top, what is pending and can be decided here: what is drawn
 */
import type { Effect } from "./effects.js";
import { TimelineState } from "./fold.js";
import { type EventItem, type FlipFrame, type HelloFrame, type Lease, type Peer, type RestoreFrame, type ServerFrame, type UndoState, type Welcome } from "./frames.js";
import { type Stored, type StoredBatch } from "./pending.js";
import type { TimelineJson } from "./snapshot.js";
export interface Names {
    readonly timelineId: string;
    readonly clientId: string;
    readonly tabId: string;
}
export declare class Sync {
    private names;
    confirmed: TimelineState;
    state: TimelineState;
    session: Welcome | null;
    readonly peers: Map<string, Peer>;
    readonly leases: Map<string, Lease>;
    private epoch;
    private entries;
    private effects;
    private paused;
    private pauseMs;
    private incoming;
    private readonly undo;
    private lastSeq;
    constructor(names: Names, stored?: readonly Stored[]);
    /** Go on with a queue that was kept. */
    adopt(clientId: string, stored: readonly Stored[]): void;
    get version(): number;
    get undoState(): UndoState;
    /** Gestures, undos and the like without an answer. */
    get pendingCount(): number;
    /** The first frame of a connection. */
    hello(token: string): HelloFrame;
    /** The number of the next gesture, of `count` in a row. */
    number(count: number): number;
    /** Throws RangeError for what the service would not even answer. */
    check(stored: StoredBatch): void;
    push(stored: StoredBatch): Effect[];
    flip(frame: FlipFrame | RestoreFrame): Effect[];
    /** The pause is over. */
    resume(): Effect[];
    /** The connection is gone: what has no answer is asked again on the next one. */
    disconnected(): Effect[];
    receive(frame: ServerFrame): Effect[];
    /** The timeline that a `fetch` of a snapshot brought. */
    fetchedSnapshot(data: TimelineJson): Effect[];
    /** The event that a `fetch` of one brought. */
    fetchedEvent(item: EventItem): Effect[];
    private welcome;
    /** The service's log is another one (a backup): what has an answer is past, and versions of the old one say nothing. */
    private changeLog;
    private load;
    private drainIncoming;
    /** Fold an event. One that this code cannot fold is never skipped: all is asked for anew. */
    private take;
    private result;
    private answer;
    /** Asked at a bad moment: it is asked again, and so is what was sent behind it and is refused meanwhile. */
    private again;
    private sendAgain;
    private settleIfAnswered;
    private readonly settledBatches;
    private forget;
    private redraw;
    /** A message that was none. Where it was something that was asked for, there will be no other answer to it. */
    private error;
    private presence;
    private lease;
    /** A lease has ended, and nobody has said so. */
    lapse(record: string): Effect[];
    private note;
    private flush;
    /** In the order in which they were asked, and no more than the service takes at once. */
    private sendWaiting;
}
