/** Where pushes wait while there is no connection, so that a reload or a crash of the window loses none. */
import type { Stored } from "./pending.js";
/** What a store held when it was opened. */
export interface Kept {
    /** Names this queue to the service; its gestures are numbered under it. */
    readonly clientId: string;
    readonly batches: readonly Stored[];
}
/** A place for one queue. A batch is there from `put` until `remove`, in the order of `seq`. */
export interface QueueStore {
    open(): Promise<Kept>;
    put(batch: Stored): void;
    remove(batch: string): void;
    /** Whatever was claimed is free for others; nothing that is kept is lost. */
    close(): void;
}
/** Lasts as long as the window. */
export declare class MemoryQueue implements QueueStore {
    private readonly clientId;
    private readonly batches;
    constructor(clientId?: string);
    open(): Promise<Kept>;
    put(batch: Stored): void;
    remove(batch: string): void;
    close(): void;
}
/** What of a `Storage` a queue needs. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;
/** What of `navigator.locks` a queue needs. */
export interface Locks {
    request(name: string, options: {
        ifAvailable: true;
    }, held: (lock: unknown) => Promise<void> | undefined): Promise<unknown>;
}
/**
 * Queues of one timeline in `localStorage`, one per window: a window claims the first that nobody holds, and sends what
 * a window that is gone has left there. Where the browser has no locks all windows share the first one, which costs
 * nothing but questions that are asked twice: the service answers a repeat with the first answer.
 */
export declare class LocalStorageQueue implements QueueStore {
    private readonly timelineId;
    private readonly scope;
    private readonly shelf;
    private readonly locks;
    private prefix;
    private release;
    private closed;
    /** `scope` tells people apart who use one browser: their id, say. */
    constructor(timelineId: string, scope?: string, shelf?: Shelf, locks?: Locks | undefined);
    open(): Promise<Kept>;
    put(batch: Stored): void;
    remove(batch: string): void;
    close(): void;
    /** What is no push any more (damaged, or of another time) is left where it is, and costs nothing else. */
    private read;
    private claim;
    private hold;
}
/** A new id of 22 characters, for gestures, batches and queues. */
export declare function newId(): string;
