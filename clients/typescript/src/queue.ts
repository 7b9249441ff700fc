/** Where pushes wait while there is no connection, so that a reload or a crash of the window loses none. */

import type { Gesture } from "./frames.js";
import type { Stored, StoredBatch, StoredFlip } from "./pending.js";

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
export class MemoryQueue implements QueueStore {
  private readonly batches = new Map<string, Stored>();

  constructor(private readonly clientId: string = newId()) {}

  open(): Promise<Kept> {
    return Promise.resolve({ clientId: this.clientId, batches: [...this.batches.values()] });
  }

  put(batch: Stored): void {
    this.batches.set(batch.batch, batch);
  }

  remove(batch: string): void {
    this.batches.delete(batch);
  }

  close(): void {
    // Nothing is claimed.
  }
}

/** What of a `Storage` a queue needs. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;
/** What of `navigator.locks` a queue needs. */
export interface Locks {
  request(
    name: string,
    options: { ifAvailable: true },
    held: (lock: unknown) => Promise<void> | undefined,
  ): Promise<unknown>;
}

const MOST_QUEUES = 64;

/**
 * Queues of one timeline in `localStorage`, one per window: a window claims the first that nobody holds, and sends what
 * a window that is gone has left there. Where the browser has no locks all windows share the first one, which costs
 * nothing but questions that are asked twice: the service answers a repeat with the first answer.
 */
export class LocalStorageQueue implements QueueStore {
  private prefix = "";
  private release: () => void = () => undefined;
  private closed = false;

  /** `scope` tells people apart who use one browser: their id, say. */
  constructor(
    private readonly timelineId: string,
    private readonly scope: string = "",
    private readonly shelf: Shelf = globalThis.localStorage,
    private readonly locks: Locks | undefined = globalThis.navigator?.locks as Locks | undefined,
  ) {}

  async open(): Promise<Kept> {
    const place = await this.claim();
    this.prefix = `timeline-queue:${this.scope}:${this.timelineId}:${place}:`;
    const named = `${this.prefix}client`;
    const clientId = this.shelf.getItem(named) ?? newId();
    this.shelf.setItem(named, clientId);
    return { clientId, batches: this.read() };
  }

  put(batch: Stored): void {
    this.shelf.setItem(`${this.prefix}batch:${batch.batch}`, JSON.stringify(batch));
  }

  remove(batch: string): void {
    this.shelf.removeItem(`${this.prefix}batch:${batch}`);
  }

  close(): void {
    this.closed = true;
    this.release();
  }

  /** What is no push any more (damaged, or of another time) is left where it is, and costs nothing else. */
  private read(): Stored[] {
    const found: Stored[] = [];
    for (let n = 0; n < this.shelf.length; n++) {
      const key = this.shelf.key(n);
      if (key === null || !key.startsWith(`${this.prefix}batch:`)) continue;
      const stored = parsed(this.shelf.getItem(key) ?? "");
      if (stored !== null && key === `${this.prefix}batch:${stored.batch}`) found.push(stored);
    }
    return found.sort((one, other) => one.seq - other.seq);
  }

  private async claim(): Promise<number> {
    if (this.locks === undefined) return 0;
    for (let place = 0; place < MOST_QUEUES; place++) {
      if (await this.hold(`timeline-queue:${this.scope}:${this.timelineId}:${place}`, this.locks)) return place;
    }
    throw new Error("too many windows are open on this timeline");
  }

  private hold(name: string, locks: Locks): Promise<boolean> {
    return new Promise((claimed, failed) => {
      const held = (lock: unknown): Promise<void> | undefined => {
        claimed(lock !== null);
        return lock === null || this.closed ? undefined : new Promise((release) => (this.release = release));
      };
      locks.request(name, { ifAvailable: true }, held).catch(failed);
    });
  }
}

function parsed(text: string): Stored | null {
  try {
    const told = JSON.parse(text) as (Partial<StoredBatch> & Partial<StoredFlip>) | null;
    const { batch, seq, request } = told ?? {};
    const asked: unknown = request === undefined ? told?.gestures : [request];
    const whole = typeof batch === "string" && Number.isSafeInteger(seq) && Array.isArray(asked)
      && asked.length > 0 && asked.every((one) => typeof (one as Gesture | null)?.gesture_id === "string");
    return whole ? (told as Stored) : null;
  } catch {
    return null;
  }
}

/** A new id of 22 characters, for gestures, batches and queues. */
export function newId(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
