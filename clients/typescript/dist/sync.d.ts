/**
 * The sync core: frames in, frames and news out. It opens no socket and looks at no clock, so that tests drive it step
 * by step, and `client.ts` with a real socket.
 *
 *     confirmed   what the service has committed, up to a version, event by event
 *     state       the same and, on top, what is pending and can be decided here: what is drawn
 */
import { TimelineState } from "./fold.js";
import { type ClientFrame, type ErrorFrame, type EventItem, type FlipFrame, type Gesture, type GestureResult, type HelloFrame, type Lease, type LeaseNews, type Peer, type RestoreFrame, type ResultFrame, type ServerFrame, type UndoState, type Welcome } from "./frames.js";
import { type StoredBatch } from "./pending.js";
import type { TimelineJson } from "./snapshot.js";
/** What the owner of a core is to do or to know, in this order. */
export type Effect = {
    readonly do: "send";
    readonly frame: ClientFrame;
} | {
    readonly do: "fetch";
    readonly what: "snapshot";
    readonly url: string;
    readonly sha256: string | undefined;
} | {
    readonly do: "fetch";
    readonly what: "event";
    readonly version: number;
}
/** Nothing is sent until `resume()`: the service asked for a pause. */
 | {
    readonly do: "pause";
    readonly ms: number;
}
/** The state cannot be gone on with: connect again, to be given all of it. */
 | {
    readonly do: "restart";
    readonly reason: string;
} | {
    readonly do: "drain";
    readonly reconnectMs: number;
} | {
    readonly do: "settled";
    readonly batch: string;
    readonly results: readonly GestureResult[];
} | {
    readonly do: "answered";
    readonly batch: string;
    readonly result: ResultFrame;
} | {
    readonly do: "refused";
    readonly batch: string;
    readonly gesture: Gesture;
    readonly result: GestureResult;
} | {
    readonly do: "event";
    readonly item: EventItem;
} | {
    readonly do: "lease";
    readonly news: LeaseNews;
} | {
    readonly do: "error";
    readonly error: ErrorFrame;
} | {
    readonly do: "pong";
    readonly n: number;
} | {
    readonly do: "changed";
} | {
    readonly do: "welcomed";
} | {
    readonly do: "peers";
} | {
    readonly do: "leases";
} | {
    readonly do: "undo";
};
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
    undoState: UndoState;
    readonly peers: Map<string, Peer>;
    readonly leases: Map<string, Lease>;
    private epoch;
    private entries;
    private effects;
    private paused;
    private pauseMs;
    private incoming;
    private lastSeq;
    constructor(names: Names, stored?: readonly StoredBatch[]);
    /** Go on with a queue that was kept. */
    adopt(clientId: string, stored: readonly StoredBatch[]): void;
    get version(): number;
    /** Gestures, undos and the like without an answer. */
    get pendingCount(): number;
    /** The first frame of a connection. */
    hello(token: string): HelloFrame;
    /** The number of the next gesture, of `count` in a row. */
    number(count: number): number;
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
    private tellUndo;
    private presence;
    private lease;
    private note;
    private flush;
    /** In the order in which they were asked, and no more than the service takes at once. */
    private sendWaiting;
}
