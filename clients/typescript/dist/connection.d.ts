/** One socket after the other: says hello on each, pings it, notices when it is dead, and comes back. */
import { type BackoffOptions } from "./backoff.js";
import { type ClientFrame, type ServerFrame } from "./frames.js";
export type Status = "connecting" | "open" | "offline" | "closed";
/** A ping without an answer for so long: nobody is there. */
export declare const DEAD_MS = 20000;
export interface ConnectionOptions {
    readonly address: string;
    /** A JWT or a ticket for the hello; asked for again for every connection. */
    readonly token: () => Promise<string>;
    readonly socket: typeof WebSocket;
    readonly backoff?: BackoffOptions | undefined;
    readonly pingMs?: number | undefined;
}
/** What the owner of a connection does. */
export interface Owner {
    hello(token: string): ClientFrame;
    receive(frame: ServerFrame): void;
    lost(): void;
    status(status: Status, reason: string | null): void;
}
export declare class Connection {
    private readonly options;
    private readonly owner;
    /** When the next try is, in ms since 1970; null while none is waited for. */
    retryAt: number | null;
    private socket;
    private readonly backoff;
    private retry;
    private pinger;
    private silence;
    private steady;
    private dialling;
    private pings;
    private rejections;
    private reconnectMs;
    private wanted;
    private readonly online;
    constructor(options: ConnectionOptions, owner: Owner);
    open(): void;
    close(reason: string): void;
    send(frame: ClientFrame): void;
    /** The welcome has come: this connection is a good one. */
    welcomed(pingMs: number): void;
    /** The service will close, and says when to come back. */
    draining(reconnectMs: number): void;
    /** Hang up and connect again. */
    restart(): void;
    /** Do not wait any longer. */
    private now;
    private dial;
    private connect;
    private take;
    private closed;
    private again;
    private hangUp;
    private ping;
    /** Anything that comes says that somebody is there. */
    private heard;
    private watch;
}
