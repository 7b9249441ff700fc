/** A timeline that several people edit at once: what is drawn, what is asked, who else is there. */
import { TimelineApi } from "./api.js";
import type { BackoffOptions } from "./backoff.js";
import { type Status } from "./connection.js";
import type { TimelineState } from "./fold.js";
import type { ErrorFrame, EventItem, FlipOptions, Gesture, GestureResult, Lease, LeaseFrame, Peer, Presence, ResultFrame, Transaction, UndoState, Welcome } from "./frames.js";
import { type QueueStore } from "./queue.js";
import type { Json } from "./records.js";
export interface ClientOptions {
    /** Of the service: `https://host`, without a path. */
    readonly url: string;
    readonly timelineId: string;
    /** A JWT; asked for again for every connection and every request. */
    readonly token: () => Promise<string>;
    /** A ticket for the socket, where the JWT is not to be said there. */
    readonly ticket?: () => Promise<string>;
    /** Names a queue of gestures; that of the store unless given. */
    readonly clientId?: string;
    /** Where pushes wait; in memory unless given. */
    readonly store?: QueueStore;
    readonly socket?: typeof WebSocket;
    readonly backoff?: BackoffOptions;
    /** ms between two pings; the service says unless given. */
    readonly pingMs?: number;
}
export interface PushOptions {
    /** One fate for all gestures of the push (the default), or each its own. */
    atomic?: boolean;
    transaction?: Transaction;
    expect?: {
        [path: string]: Json;
    };
    expected_version?: number;
    /** The version that positions were seen at; the present one unless given. */
    base?: number;
    /** Only say what would happen. */
    dry_run?: boolean;
}
/**
 * A push on its way; `done` settles with one result per gesture when the service has committed or refused them, and
 * fails (Stopped) when the client is closed before.
 */
export interface Pushed {
    readonly batch: string;
    readonly done: Promise<GestureResult[]>;
}
/** A gesture that the service refused: its effect is gone from the state. */
export interface Refusal {
    readonly batch: string;
    readonly gesture: Gesture;
    readonly result: GestureResult;
}
export interface News {
    /** The state that is drawn is another. */
    change: TimelineState;
    status: Status;
    refused: Refusal;
    peers: ReadonlyMap<string, Peer>;
    leases: ReadonlyMap<string, Lease>;
    undo: UndoState;
    error: ErrorFrame;
    /** A committed event, anybody's, in the order of versions. */
    event: EventItem;
}
/** Whether a lease is held by this window now, and by whom else. */
export interface LeaseAnswer {
    readonly granted: boolean;
    readonly lease: Lease | null;
}
export declare class TimelineClient {
    private readonly options;
    status: Status;
    /** Why it is closed or offline: `forbidden`, `replaced`, a close code; null while all is well. */
    closeReason: string | null;
    readonly api: TimelineApi;
    private readonly sync;
    private readonly connection;
    private readonly store;
    private readonly listeners;
    private readonly pushes;
    private readonly flips;
    private readonly asked;
    private readonly telling;
    private readonly lapsing;
    private pause;
    private readonly tabId;
    private opening;
    private opened;
    private closed;
    constructor(options: ClientOptions);
    /** Connect, and stay connected until `close`. What the store holds is sent. Also after the service has closed it. */
    connect(): void;
    /** The store is read. `connect` waits for it; a push before it is an error where a store was given. */
    ready(): Promise<void>;
    close(): void;
    /** Confirmed and pending: what is drawn. Read it again on every `change`. */
    get state(): TimelineState;
    get confirmed(): TimelineState;
    /** Of `confirmed`. */
    get version(): number;
    /** What the service said when this connection was opened; null without one. */
    get session(): Welcome | null;
    get peers(): ReadonlyMap<string, Peer>;
    get leases(): ReadonlyMap<string, Lease>;
    get undoState(): UndoState;
    /** How many gestures, undos and the like have no answer yet. */
    get pendingCount(): number;
    /** When the next try to connect is, in ms since 1970; null while none is waited for. */
    get retryAt(): number | null;
    /** Call `listener` on every news of a kind. Returns what ends that. */
    on<Kind extends keyof News>(kind: Kind, listener: (news: News[Kind]) => void): () => void;
    /**
     * Ask for gestures. What can be decided here is drawn at once, and taken back should the service refuse it; without a
     * connection they wait in the queue. Throws RangeError for none, too many or too large ones.
     */
    push(gestures: readonly Gesture[], options?: PushOptions): Pushed;
    /** What gestures would change, for the `preview` of a presence while something is dragged; nothing is asked. */
    preview(gestures: readonly Gesture[], transactionId: string): Presence["preview"] & object;
    /** Take back my newest step, or a `target`. */
    undo(options?: FlipOptions): Promise<ResultFrame>;
    redo(options?: FlipOptions): Promise<ResultFrame>;
    /** Make the timeline what it was at a version. */
    restore(version: number, options?: {
        reason?: string;
        dry_run?: boolean;
    }): Promise<ResultFrame>;
    /** Tell the others where I am and what I drag; the newest replaces what was not sent yet. */
    presence(presence: Presence): void;
    /** Ask to be alone with a record for a while. The answer says who holds it; without a connection nobody does. */
    lease(record: string, what: LeaseFrame["do"], options?: {
        ttl_ms?: number;
        take?: boolean;
    }): Promise<LeaseAnswer>;
    private open;
    private flip;
    private send;
    private owner;
    private changeStatus;
    private carryOut;
    private carryOutOne;
    private tell;
    private failed;
    private answerLease;
    private fetch;
}
