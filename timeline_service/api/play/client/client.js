/** A timeline that several people edit at once: what is drawn, what is asked, who else is there. */
import { Answers } from "./answers.js";
import { TimelineApi } from "./api.js";
import { Connection } from "./connection.js";
import { Lapsing } from "./lapsing.js";
import { Listeners } from "./listeners.js";
import { preview } from "./preview.js";
import { MemoryQueue, newId } from "./queue.js";
import { Sync } from "./sync.js";
import { Telling } from "./telling.js";
const NOT_READY = "the queue is not read yet: await ready() first";
export class TimelineClient {
    options;
    status = "offline";
    /** Why it is closed or offline: `forbidden`, `replaced`, a close code; null while all is well. */
    closeReason = null;
    api;
    sync;
    connection;
    store;
    listeners = new Listeners();
    pushes = new Answers();
    flips = new Answers();
    asked = new Map();
    telling;
    lapsing = new Lapsing((record) => this.carryOut(this.sync.lapse(record)));
    pause;
    tabId = newId();
    opening = null;
    opened;
    closed = false;
    constructor(options) {
        this.options = options;
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
    connect() {
        if (this.closed)
            return;
        for (const answers of [this.pushes, this.flips])
            answers.start();
        void this.ready().then(() => {
            if (!this.closed)
                this.connection.open();
        }, (error) => this.changeStatus("closed", error instanceof Error ? error.message : String(error)));
    }
    /** The store is read. `connect` waits for it; a push before it is an error where a store was given. */
    ready() {
        this.opening ??= this.open();
        return this.opening;
    }
    close() {
        this.closed = true;
        this.connection.close("closed");
        this.changeStatus("closed", this.closeReason ?? "closed");
        clearTimeout(this.pause);
        this.telling.stop();
        this.store.close();
    }
    // ---- reading
    /** Confirmed and pending: what is drawn. Read it again on every `change`. */
    get state() {
        return this.sync.state;
    }
    get confirmed() {
        return this.sync.confirmed;
    }
    /** Of `confirmed`. */
    get version() {
        return this.sync.version;
    }
    /** What the service said when this connection was opened; null without one. */
    get session() {
        return this.sync.session;
    }
    get peers() {
        return this.sync.peers;
    }
    get leases() {
        return this.sync.leases;
    }
    get undoState() {
        return this.sync.undoState;
    }
    /** How many gestures, undos and the like have no answer yet. */
    get pendingCount() {
        return this.sync.pendingCount;
    }
    /** When the next try to connect is, in ms since 1970; null while none is waited for. */
    get retryAt() {
        return this.connection.retryAt;
    }
    /** Call `listener` on every news of a kind. Returns what ends that. */
    on(kind, listener) {
        return this.listeners.on(kind, listener);
    }
    // ---- asking
    /**
     * Ask for gestures. What can be decided here is drawn at once, and taken back should the service refuse it; without a
     * connection they wait in the queue. Throws RangeError for none, too many or too large ones.
     */
    push(gestures, options = {}) {
        const sync = this.sync;
        if (!this.opened)
            throw new Error(NOT_READY);
        const batch = newId();
        const seq = sync.number(gestures.length);
        const { atomic = true, dry_run, ...given } = options;
        const base = options.base ?? (sync.version > 0 ? sync.version : undefined);
        const stored = {
            batch, seq, atomic, ...given,
            gestures: gestures.map((gesture, n) => ({ ...gesture, gesture_id: gesture.gesture_id ?? newId(), seq: seq + n })),
            ...(base === undefined ? {} : { base }),
            ...(dry_run === true ? { dry_run } : {}),
        };
        sync.check(stored);
        if (dry_run !== true)
            this.store.put(stored);
        const done = this.pushes.to(batch);
        this.carryOut(sync.push(stored));
        return { batch, done };
    }
    /** What gestures would change, for the `preview` of a presence while something is dragged; nothing is asked. */
    preview(gestures, transactionId) {
        return preview(this.state, gestures, transactionId);
    }
    /** Take back my newest step, or a `target`. */
    undo(options = {}) {
        return this.flip({ t: "undo", batch: newId(), gesture_id: newId(), ...options });
    }
    redo(options = {}) {
        return this.flip({ t: "redo", batch: newId(), gesture_id: newId(), ...options });
    }
    /** Make the timeline what it was at a version. */
    restore(version, options = {}) {
        return this.flip({ t: "restore", batch: newId(), gesture_id: newId(), version, ...options });
    }
    /** Tell the others where I am and what I drag; the newest replaces what was not sent yet. */
    presence(presence) {
        this.telling.tell(presence);
    }
    /** Ask to be alone with a record for a while. The answer says who holds it; without a connection nobody does. */
    lease(record, what, options = {}) {
        if (this.session === null)
            return Promise.resolve({ granted: false, lease: null });
        return new Promise((answer) => {
            this.asked.set(record, [...(this.asked.get(record) ?? []), answer]);
            this.send({ t: "lease", do: what, record, ...options });
        });
    }
    // ---- within
    async open() {
        if (this.opened)
            return;
        const kept = await this.store.open();
        this.sync.adopt(this.options.clientId ?? kept.clientId, kept.batches);
        this.opened = true;
    }
    flip(frame) {
        if (!this.opened)
            throw new Error(NOT_READY);
        if (frame.dry_run !== true)
            this.store.put({ batch: frame.batch, seq: this.sync.number(1), request: frame });
        const answer = this.flips.to(frame.batch);
        this.carryOut(this.sync.flip(frame));
        return answer;
    }
    send(frame) {
        this.connection.send(frame);
    }
    owner() {
        return {
            hello: (token) => this.sync.hello(token),
            receive: (frame) => this.carryOut(this.sync.receive(frame)),
            lost: () => {
                clearTimeout(this.pause);
                for (const record of [...this.asked.keys()])
                    this.answerLease(record, false);
                this.carryOut(this.sync.disconnected());
            },
            status: (status, reason) => this.changeStatus(status, reason),
        };
    }
    changeStatus(status, reason) {
        if (status !== "connecting")
            this.closeReason = reason;
        if (status === this.status)
            return;
        this.status = status;
        if (status === "closed")
            for (const answers of [this.pushes, this.flips])
                answers.stop(reason ?? "closed");
        this.listeners.tell("status", status);
    }
    carryOut(effects) {
        let changed = false;
        for (const effect of effects) {
            if (effect.do === "changed")
                changed = true;
            else
                this.carryOutOne(effect);
        }
        if (changed)
            this.listeners.tell("change", this.sync.state);
    }
    carryOutOne(effect) {
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
    tell(effect) {
        if (effect.do === "event")
            this.listeners.tell("event", effect.item);
        else if (effect.do === "peers")
            this.listeners.tell("peers", this.sync.peers);
        else if (effect.do === "leases") {
            this.lapsing.watch(this.sync.leases);
            this.listeners.tell("leases", this.sync.leases);
        }
        else if (effect.do === "undo")
            this.listeners.tell("undo", this.sync.undoState);
    }
    failed(error) {
        const { record } = error.details;
        if (typeof record === "string")
            this.answerLease(record, false);
        this.listeners.tell("error", error);
    }
    answerLease(record, heard) {
        const lease = this.sync.leases.get(record) ?? null;
        const granted = heard && lease !== null && lease.holder.session_id === this.session?.session_id;
        for (const answer of this.asked.get(record) ?? [])
            answer({ granted, lease });
        this.asked.delete(record);
    }
    async fetch(effect) {
        const session = this.session;
        try {
            if (effect.what === "snapshot") {
                const data = await this.api.snapshot(effect.url, effect.sha256);
                if (this.session === session)
                    this.carryOut(this.sync.fetchedSnapshot(data));
            }
            else {
                const item = await this.api.event(this.options.timelineId, effect.version);
                if (this.session === session)
                    this.carryOut(this.sync.fetchedEvent(item));
            }
        }
        catch {
            if (this.session === session)
                this.connection.restart();
        }
    }
}
