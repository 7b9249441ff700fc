/** Where pushes wait while there is no connection, so that a reload or a crash of the window loses none. */
/** Lasts as long as the window. */
export class MemoryQueue {
    clientId;
    batches = new Map();
    constructor(clientId = newId()) {
        this.clientId = clientId;
    }
    open() {
        return Promise.resolve({ clientId: this.clientId, batches: [...this.batches.values()] });
    }
    put(batch) {
        this.batches.set(batch.batch, batch);
    }
    remove(batch) {
        this.batches.delete(batch);
    }
    close() {
        // Nothing is claimed.
    }
}
const MOST_QUEUES = 64;
/**
 * Queues of one timeline in `localStorage`, one per window: a window claims the first that nobody holds, and sends what
 * a window that is gone has left there. Where the browser has no locks all windows share the first one, which costs
 * nothing but questions that are asked twice: the service answers a repeat with the first answer.
 */
export class LocalStorageQueue {
    timelineId;
    scope;
    shelf;
    locks;
    prefix = "";
    release = () => undefined;
    closed = false;
    /** `scope` tells people apart who use one browser: their id, say. */
    constructor(timelineId, scope = "", shelf = globalThis.localStorage, locks = globalThis.navigator?.locks) {
        this.timelineId = timelineId;
        this.scope = scope;
        this.shelf = shelf;
        this.locks = locks;
    }
    async open() {
        const place = await this.claim();
        this.prefix = `timeline-queue:${this.scope}:${this.timelineId}:${place}:`;
        const named = `${this.prefix}client`;
        const clientId = this.shelf.getItem(named) ?? newId();
        this.shelf.setItem(named, clientId);
        return { clientId, batches: this.read() };
    }
    put(batch) {
        this.shelf.setItem(`${this.prefix}batch:${batch.batch}`, JSON.stringify(batch));
    }
    remove(batch) {
        this.shelf.removeItem(`${this.prefix}batch:${batch}`);
    }
    close() {
        this.closed = true;
        this.release();
    }
    /** What is no push any more (damaged, or of another time) is left where it is, and costs nothing else. */
    read() {
        const found = [];
        for (let n = 0; n < this.shelf.length; n++) {
            const key = this.shelf.key(n);
            if (key === null || !key.startsWith(`${this.prefix}batch:`))
                continue;
            const stored = parsed(this.shelf.getItem(key) ?? "");
            if (stored !== null && key === `${this.prefix}batch:${stored.batch}`)
                found.push(stored);
        }
        return found.sort((one, other) => one.seq - other.seq);
    }
    async claim() {
        if (this.locks === undefined)
            return 0;
        for (let place = 0; place < MOST_QUEUES; place++) {
            if (await this.hold(`timeline-queue:${this.scope}:${this.timelineId}:${place}`, this.locks))
                return place;
        }
        throw new Error("too many windows are open on this timeline");
    }
    hold(name, locks) {
        return new Promise((claimed, failed) => {
            const held = (lock) => {
                claimed(lock !== null);
                return lock === null || this.closed ? undefined : new Promise((release) => (this.release = release));
            };
            locks.request(name, { ifAvailable: true }, held).catch(failed);
        });
    }
}
function parsed(text) {
    try {
        const told = JSON.parse(text);
        const { batch, seq, request } = told ?? {};
        const asked = request === undefined ? told?.gestures : [request];
        const whole = typeof batch === "string" && Number.isSafeInteger(seq) && Array.isArray(asked)
            && asked.length > 0 && asked.every((one) => typeof one?.gesture_id === "string");
        return whole ? told : null;
    }
    catch {
        return null;
    }
}
/** A new id of 22 characters, for gestures, batches and queues. */
export function newId() {
    const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
    return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
