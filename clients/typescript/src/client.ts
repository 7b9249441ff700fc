/** A timeline that several people edit at once: what is drawn, what is asked, who else is there. */

import { Answers } from "./answers.js";
import { TimelineApi } from "./api.js";
import type { BackoffOptions } from "./backoff.js";
import { Connection, type Owner, type Status } from "./connection.js";
import type { Effect } from "./effects.js";
import type { TimelineState } from "./fold.js";
import type {
  ClientFrame, ErrorFrame, EventItem, FlipFrame, FlipOptions, Gesture, GestureResult, Lease, LeaseFrame, Peer,
  Presence, RestoreFrame, ResultFrame, ServerFrame, Transaction, UndoState, Welcome,
} from "./frames.js";
import { Lapsing } from "./lapsing.js";
import { Listeners } from "./listeners.js";
import type { StoredBatch } from "./pending.js";
import { preview } from "./preview.js";
import { MemoryQueue, newId, type QueueStore } from "./queue.js";
import type { Json } from "./records.js";
import { Sync } from "./sync.js";
import { Telling } from "./telling.js";

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
  expect?: { [path: string]: Json };
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

const NOT_READY = "the queue is not read yet: await ready() first";

export class TimelineClient {
  status: Status = "offline";
  /** Why it is closed or offline: `forbidden`, `replaced`, a close code; null while all is well. */
  closeReason: string | null = null;
  readonly api: TimelineApi;
  private readonly sync: Sync;
  private readonly connection: Connection;
  private readonly store: QueueStore;
  private readonly listeners = new Listeners<News>();
  private readonly pushes = new Answers<GestureResult[]>();
  private readonly flips = new Answers<ResultFrame>();
  private readonly asked = new Map<string, ((answer: LeaseAnswer) => void)[]>();
  private readonly telling: Telling;
  private readonly lapsing = new Lapsing((record) => this.carryOut(this.sync.lapse(record)));
  private pause: ReturnType<typeof setTimeout> | undefined;
  private readonly tabId = newId();
  private opening: Promise<void> | null = null;
  private opened: boolean;
  private closed = false;

  constructor(private readonly options: ClientOptions) {
    this.api = new TimelineApi({ url: options.url, token: options.token });
    this.store = options.store ?? new MemoryQueue(options.clientId);
    this.opened = options.store === undefined;
    const clientId = options.clientId ?? newId();
    this.sync = new Sync({ timelineId: options.timelineId, clientId, tabId: this.tabId });
    const socket = options.socket ?? globalThis.WebSocket;
    const address = `${options.url.replace(/^http/, "ws")}/api/v1/timelines/${options.timelineId}/stream`;
    const { backoff, pingMs } = options;
    const token = options.ticket ?? options.token;
    this.connection = new Connection({ address, token, socket, backoff, pingMs }, this.owner());
    this.telling = new Telling((presence, n) => this.send({ t: "presence", n, ...presence }));
  }

  // ---- coming and going
  /** Connect, and stay connected until `close`. What the store holds is sent. Also after the service has closed it. */
  connect(): void {
    if (this.closed) return;
    for (const answers of [this.pushes, this.flips]) answers.start();
    void this.ready().then(
      () => {
        if (!this.closed) this.connection.open();
      },
      (error: unknown) => this.changeStatus("closed", error instanceof Error ? error.message : String(error)),
    );
  }

  /** The store is read. `connect` waits for it; a push before it is an error where a store was given. */
  ready(): Promise<void> {
    this.opening ??= this.open();
    return this.opening;
  }

  close(): void {
    this.closed = true;
    this.connection.close("closed");
    this.changeStatus("closed", this.closeReason ?? "closed");
    clearTimeout(this.pause);
    this.telling.stop();
    this.store.close();
  }

  // ---- reading
  /** Confirmed and pending: what is drawn. Read it again on every `change`. */
  get state(): TimelineState {
    return this.sync.state;
  }

  get confirmed(): TimelineState {
    return this.sync.confirmed;
  }

  /** Of `confirmed`. */
  get version(): number {
    return this.sync.version;
  }

  /** What the service said when this connection was opened; null without one. */
  get session(): Welcome | null {
    return this.sync.session;
  }

  get peers(): ReadonlyMap<string, Peer> {
    return this.sync.peers;
  }

  get leases(): ReadonlyMap<string, Lease> {
    return this.sync.leases;
  }

  get undoState(): UndoState {
    return this.sync.undoState;
  }

  /** How many gestures, undos and the like have no answer yet. */
  get pendingCount(): number {
    return this.sync.pendingCount;
  }

  /** When the next try to connect is, in ms since 1970; null while none is waited for. */
  get retryAt(): number | null {
    return this.connection.retryAt;
  }

  /** Call `listener` on every news of a kind. Returns what ends that. */
  on<Kind extends keyof News>(kind: Kind, listener: (news: News[Kind]) => void): () => void {
    return this.listeners.on(kind, listener);
  }

  // ---- asking
  /**
   * Ask for gestures. What can be decided here is drawn at once, and taken back should the service refuse it; without a
   * connection they wait in the queue. Throws RangeError for none, too many or too large ones.
   */
  push(gestures: readonly Gesture[], options: PushOptions = {}): Pushed {
    const sync = this.sync;
    if (!this.opened) throw new Error(NOT_READY);
    const batch = newId();
    const seq = sync.number(gestures.length);
    const { atomic = true, dry_run, ...given } = options;
    const base = options.base ?? (sync.version > 0 ? sync.version : undefined);
    const stored: StoredBatch = {
      batch, seq, atomic, ...given,
      gestures: gestures.map((gesture, n) => ({ ...gesture, gesture_id: gesture.gesture_id ?? newId(), seq: seq + n })),
      ...(base === undefined ? {} : { base }),
      ...(dry_run === true ? { dry_run } : {}),
    };
    sync.check(stored);
    if (dry_run !== true) this.store.put(stored);
    const done = this.pushes.to(batch);
    this.carryOut(sync.push(stored));
    return { batch, done };
  }

  /** What gestures would change, for the `preview` of a presence while something is dragged; nothing is asked. */
  preview(gestures: readonly Gesture[], transactionId: string): Presence["preview"] & object {
    return preview(this.state, gestures, transactionId);
  }

  /** Take back my newest step, or a `target`. */
  undo(options: FlipOptions = {}): Promise<ResultFrame> {
    return this.flip({ t: "undo", batch: newId(), gesture_id: newId(), ...options });
  }

  redo(options: FlipOptions = {}): Promise<ResultFrame> {
    return this.flip({ t: "redo", batch: newId(), gesture_id: newId(), ...options });
  }

  /** Make the timeline what it was at a version. */
  restore(version: number, options: { reason?: string; dry_run?: boolean } = {}): Promise<ResultFrame> {
    return this.flip({ t: "restore", batch: newId(), gesture_id: newId(), version, ...options });
  }

  /** Tell the others where I am and what I drag; the newest replaces what was not sent yet. */
  presence(presence: Presence): void {
    this.telling.tell(presence);
  }

  /** Ask to be alone with a record for a while. The answer says who holds it; without a connection nobody does. */
  lease(
    record: string, what: LeaseFrame["do"], options: { ttl_ms?: number; take?: boolean } = {},
  ): Promise<LeaseAnswer> {
    if (this.session === null) return Promise.resolve({ granted: false, lease: null });
    return new Promise((answer) => {
      this.asked.set(record, [...(this.asked.get(record) ?? []), answer]);
      this.send({ t: "lease", do: what, record, ...options });
    });
  }

  // ---- within
  private async open(): Promise<void> {
    if (this.opened) return;
    const kept = await this.store.open();
    this.sync.adopt(this.options.clientId ?? kept.clientId, kept.batches);
    this.opened = true;
  }

  private flip(frame: FlipFrame | RestoreFrame): Promise<ResultFrame> {
    if (!this.opened) throw new Error(NOT_READY);
    if (frame.dry_run !== true) this.store.put({ batch: frame.batch, seq: this.sync.number(1), request: frame });
    const answer = this.flips.to(frame.batch);
    this.carryOut(this.sync.flip(frame));
    return answer;
  }

  private send(frame: ClientFrame): void {
    this.connection.send(frame);
  }

  private owner(): Owner {
    return {
      hello: (token) => this.sync.hello(token),
      receive: (frame: ServerFrame) => this.carryOut(this.sync.receive(frame)),
      lost: () => {
        clearTimeout(this.pause);
        for (const record of [...this.asked.keys()]) this.answerLease(record, false);
        this.carryOut(this.sync.disconnected());
      },
      status: (status, reason) => this.changeStatus(status, reason),
    };
  }

  private changeStatus(status: Status, reason: string | null): void {
    if (status !== "connecting") this.closeReason = reason;
    if (status === this.status) return;
    this.status = status;
    if (status === "closed") for (const answers of [this.pushes, this.flips]) answers.stop(reason ?? "closed");
    this.listeners.tell("status", status);
  }

  private carryOut(effects: readonly Effect[]): void {
    let changed = false;
    for (const effect of effects) {
      if (effect.do === "changed") changed = true;
      else this.carryOutOne(effect);
    }
    if (changed) this.listeners.tell("change", this.sync.state);
  }

  private carryOutOne(effect: Effect): void {
    switch (effect.do) {
      case "send":
        return this.send(effect.frame);
      case "fetch":
        return void this.fetch(effect);
      case "pause":
        this.pause = setTimeout(() => this.carryOut(this.sync.resume()), effect.ms);
        return;
      case "restart":
        return this.connection.restart();
      case "drain":
        return this.connection.draining(effect.reconnectMs);
      case "settled":
        this.store.remove(effect.batch);
        return this.pushes.settle(effect.batch, [...effect.results]);
      case "answered":
        this.store.remove(effect.batch);
        return this.flips.settle(effect.batch, effect.result);
      case "refused":
        return this.listeners.tell("refused", effect);
      case "lease":
        return this.answerLease(effect.news.record, effect.news.code === undefined);
      case "error":
        return this.failed(effect.error);
      case "welcomed":
        return this.connection.welcomed(this.session?.ping_ms ?? 10_000);
      default:
        return this.tell(effect);
    }
  }

  private tell(effect: Effect): void {
    if (effect.do === "event") this.listeners.tell("event", effect.item);
    else if (effect.do === "peers") this.listeners.tell("peers", this.sync.peers);
    else if (effect.do === "leases") {
      this.lapsing.watch(this.sync.leases);
      this.listeners.tell("leases", this.sync.leases);
    } else if (effect.do === "undo") this.listeners.tell("undo", this.sync.undoState);
  }

  private failed(error: ErrorFrame): void {
    const { record } = error.details;
    if (typeof record === "string") this.answerLease(record, false);
    this.listeners.tell("error", error);
  }

  private answerLease(record: string, heard: boolean): void {
    const lease = this.sync.leases.get(record) ?? null;
    const granted = heard && lease !== null && lease.holder.session_id === this.session?.session_id;
    for (const answer of this.asked.get(record) ?? []) answer({ granted, lease });
    this.asked.delete(record);
  }

  private async fetch(effect: Effect & { do: "fetch" }): Promise<void> {
    const session = this.session;
    try {
      if (effect.what === "snapshot") {
        const data = await this.api.snapshot(effect.url, effect.sha256);
        if (this.session === session) this.carryOut(this.sync.fetchedSnapshot(data));
      } else {
        const item = await this.api.event(this.options.timelineId, effect.version);
        if (this.session === session) this.carryOut(this.sync.fetchedEvent(item));
      }
    } catch {
      if (this.session === session) this.connection.restart();
    }
  }
}
