/**
 * The sync core: frames in, frames and news out. It opens no socket and looks at no clock, so that tests drive it step
 * by step, and `client.ts` with a real socket.
 *
 *     confirmed   what the service has committed, up to a version, event by event
 *     state       the same and, on top, what is pending and can be decided here: what is drawn
 */
import { TimelineState } from "./fold.js";
import { check } from "./framing.js";
import { PROTOCOL, SCHEMA, } from "./frames.js";
import { Incoming } from "./incoming.js";
import { Flip, Push } from "./pending.js";
import { UndoKnowledge } from "./undo.js";
/** Refusals that are the hour's and not the gesture's, and go by themselves: the gesture is sent again. */
const STANDING = new Set(["leased"]);
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
export class Sync {
    names;
    confirmed = new TimelineState();
    state = new TimelineState();
    session = null;
    peers = new Map();
    leases = new Map();
    epoch;
    entries = [];
    effects = [];
    paused = false;
    pauseMs = SHORTEST_PAUSE_MS;
    incoming = new Incoming();
    undo = new UndoKnowledge();
    lastSeq = 0;
    constructor(names, stored = []) {
        this.names = names;
        this.adopt(names.clientId, stored);
    }
    /** Go on with a queue that was kept. */
    adopt(clientId, stored) {
        this.names = { ...this.names, clientId };
        for (const batch of stored) {
            const entry = "request" in batch ? new Flip(batch.request) : new Push(batch);
            this.entries.push(entry);
            this.lastSeq = Math.max(this.lastSeq, batch.seq + entry.ids.length - 1);
        }
    }
    get version() {
        return this.confirmed.version;
    }
    get undoState() {
        return this.undo.state;
    }
    /** Gestures, undos and the like without an answer. */
    get pendingCount() {
        let count = 0;
        for (const entry of this.entries) {
            count += entry.kind === "flip" ? 1 : entry.stored.gestures.length - entry.results.size;
        }
        return count;
    }
    // ---- asking
    /** The first frame of a connection. */
    hello(token) {
        const { timelineId, clientId, tabId } = this.names;
        return {
            t: "hello", proto: PROTOCOL, token, timeline_id: timelineId, client_id: clientId, tab_id: tabId, schema: SCHEMA,
            ...(this.version > 0 ? { after_version: this.version } : {}),
            ...(this.version > 0 && this.epoch !== undefined ? { epoch: this.epoch } : {}),
        };
    }
    /** The number of the next gesture, of `count` in a row. */
    number(count) {
        const first = this.lastSeq + 1;
        this.lastSeq += count;
        return first;
    }
    /** Throws RangeError for what the service would not even answer. */
    check(stored) {
        const taken = new Set(this.entries.flatMap((entry) => entry.ids));
        check(new Push(stored).frame(), taken, this.session?.limits.frame_kb);
    }
    push(stored) {
        const entry = new Push(stored);
        this.entries.push(entry);
        entry.draw(this.state);
        this.note({ do: "changed" });
        return this.flush();
    }
    flip(frame) {
        this.entries.push(new Flip(frame));
        return this.flush();
    }
    /** The pause is over. */
    resume() {
        this.paused = false;
        return this.flush();
    }
    /** The connection is gone: what has no answer is asked again on the next one. */
    disconnected() {
        this.session = null;
        this.paused = false;
        this.incoming.clear();
        for (const entry of this.entries) {
            entry.sent = false;
            entry.overtook = false;
            if (entry.kind === "push") {
                entry.answerFromEvents();
                this.settleIfAnswered(entry);
            }
        }
        this.entries = this.entries.filter((entry) => entry.kind === "flip" || !entry.over);
        if (this.peers.size > 0)
            this.note({ do: "peers" });
        if (this.leases.size > 0)
            this.note({ do: "leases" });
        this.peers.clear();
        this.leases.clear();
        return this.flush();
    }
    // ---- hearing
    receive(frame) {
        switch (frame.t) {
            case "welcome":
                this.welcome(frame);
                break;
            case "snapshot":
                if (frame.url !== undefined) {
                    this.note({ do: "fetch", what: "snapshot", url: frame.url, sha256: frame.sha256 });
                }
                else {
                    const whole = this.incoming.part(frame);
                    if (whole !== null)
                        this.load(whole);
                }
                break;
            case "events":
                this.incoming.add(frame);
                this.drainIncoming();
                break;
            case "resync":
                if (!this.incoming.blocked)
                    this.note({ do: "send", frame: this.incoming.catchUp(this.version) });
                break;
            case "result":
                this.result(frame);
                break;
            case "presence":
                this.presence(frame);
                break;
            case "lease":
                this.lease(frame);
                break;
            case "drain":
                this.note({ do: "drain", reconnectMs: frame.reconnect_ms });
                break;
            case "ping":
                this.note({ do: "send", frame: { t: "pong", n: frame.n } });
                break;
            case "pong":
                this.note({ do: "pong", n: frame.n });
                break;
            case "error":
                this.error(frame);
                break;
        }
        return this.flush();
    }
    /** The timeline that a `fetch` of a snapshot brought. */
    fetchedSnapshot(data) {
        this.load(data);
        return this.flush();
    }
    /** The event that a `fetch` of one brought. */
    fetchedEvent(item) {
        this.incoming.fetched(item);
        this.drainIncoming();
        return this.flush();
    }
    welcome(frame) {
        this.session = frame;
        if (this.epoch !== undefined && this.epoch !== frame.epoch)
            this.changeLog();
        this.epoch = frame.epoch;
        this.undo.told(frame.undo, frame.head);
        this.lastSeq = Math.max(this.lastSeq, frame.last_seq ?? 0);
        this.peers.clear();
        for (const peer of frame.peers)
            if (peer.session_id !== frame.session_id)
                this.peers.set(peer.session_id, peer);
        this.leases.clear();
        for (const lease of frame.leases ?? [])
            this.leases.set(lease.record, lease);
        if (frame.mode === "snapshot") {
            this.incoming.awaitSnapshot();
            for (const entry of this.entries) {
                if (entry.kind === "push")
                    entry.drawn = entry.stored.seq > (frame.last_seq ?? 0);
            }
        }
        for (const what of ["welcomed", "peers", "leases", "undo"])
            this.note({ do: what });
    }
    /** The service's log is another one (a backup): what has an answer is past, and versions of the old one say nothing. */
    changeLog() {
        this.undo.forget();
        this.entries = this.entries.filter((entry) => entry.kind === "flip" || !entry.answered);
        for (const entry of this.entries)
            if (entry.kind === "push")
                entry.changeLog();
    }
    load(data) {
        this.confirmed = this.incoming.loaded(data);
        this.state = this.confirmed.fork();
        for (const entry of this.entries)
            if (entry.kind === "push")
                entry.reached(this.version);
        this.redraw();
        this.drainIncoming();
    }
    drainIncoming() {
        const events = this.incoming.ready(this.version);
        if (events.length > 0) {
            this.state.revert(0);
            for (const item of events)
                if (!this.take(item))
                    return;
            for (const entry of this.entries)
                if (entry.kind === "push")
                    entry.reached(this.version);
            this.redraw();
        }
        const wanted = this.incoming.wanted(this.version);
        if (wanted !== null)
            this.note(wanted);
    }
    /** Fold an event. One that this code cannot fold is never skipped: all is asked for anew. */
    take(item) {
        try {
            if (item.schema_version > SCHEMA)
                throw new Error(`event ${item.version} is of schema ${item.schema_version}`);
            this.confirmed.take(item.changes);
            this.state.take(item.changes);
        }
        catch (error) {
            this.confirmed = new TimelineState();
            this.state = new TimelineState();
            this.incoming.clear();
            this.note({ do: "restart", reason: error instanceof Error ? error.message : String(error) });
            return false;
        }
        for (const entry of this.entries) {
            if (entry.kind === "push" && entry.has(item.gesture_id))
                entry.happened(item);
        }
        if (item.actor === this.session?.actor.id && this.undo.happened(item))
            this.note({ do: "undo" });
        this.note({ do: "event", item });
        return true;
    }
    // ---- answers
    result(frame) {
        if (frame.undo !== undefined) {
            this.undo.told(frame.undo, frame.head);
            this.note({ do: "undo" });
        }
        const place = this.entries.findIndex((entry) => entry.batch === frame.batch);
        const entry = this.entries[place];
        if (entry === undefined || !entry.sent)
            return;
        const again = frame.r.filter((one) => !one.ok && one.retry === true && !STANDING.has(one.code ?? ""));
        if (again.length > 0)
            this.again(place, again);
        else if (entry.overtook && frame.r.some((one) => !one.ok))
            this.sendAgain(entry);
        if (entry.kind === "flip") {
            if (!entry.sent)
                return;
            this.entries.splice(place, 1);
            this.note({ do: "answered", batch: entry.batch, result: frame });
            return;
        }
        const asked = entry.sent;
        if (frame.r.some((one) => one.ok))
            this.pauseMs = SHORTEST_PAUSE_MS;
        for (const one of frame.r)
            if (asked || one.ok)
                this.answer(entry, one);
        this.settleIfAnswered(entry);
        this.forget();
        this.state.revert(0);
        this.redraw();
    }
    answer(entry, result) {
        const gesture = entry.stored.gestures.find((one) => one.gesture_id === result.gesture_id);
        if (gesture === undefined || entry.results.has(result.gesture_id))
            return;
        entry.answer(result.gesture_id, result, this.version);
        if (!result.ok)
            this.note({ do: "refused", batch: entry.batch, gesture, result });
    }
    /** Asked at a bad moment: it is asked again, and so is what was sent behind it and is refused meanwhile. */
    again(place, refusals) {
        const told = Math.max(...refusals.map((one) => Number(one.details?.["retry_after_ms"] ?? 0)));
        const entry = this.entries[place];
        if (entry !== undefined)
            this.sendAgain(entry);
        for (const later of this.entries.slice(place + 1))
            later.overtook ||= later.sent;
        if (this.paused)
            return;
        this.paused = true;
        this.note({ do: "pause", ms: Math.max(this.pauseMs, told) });
        this.pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.pauseMs); // where nobody says how long, less often each time
    }
    sendAgain(entry) {
        entry.sent = false;
        entry.overtook = false;
    }
    settleIfAnswered(entry) {
        if (!entry.answered || this.settledBatches.has(entry.batch))
            return;
        this.settledBatches.add(entry.batch);
        const results = entry.stored.gestures.map((gesture) => entry.results.get(gesture.gesture_id));
        this.note({ do: "settled", batch: entry.batch, results: results.filter((one) => one !== undefined) });
    }
    settledBatches = new Set();
    forget() {
        for (const entry of this.entries) {
            if (entry.kind === "push" && entry.over)
                this.settledBatches.delete(entry.batch);
        }
        this.entries = this.entries.filter((entry) => entry.kind === "flip" || !entry.over);
    }
    redraw() {
        this.forget();
        for (const entry of this.entries)
            if (entry.kind === "push")
                entry.draw(this.state);
        this.note({ do: "changed" });
    }
    /** A message that was none. Where it was something that was asked for, there will be no other answer to it. */
    error(frame) {
        this.note({ do: "error", error: frame });
        const { code, message, details } = frame;
        const entry = this.entries.find((one) => one.sent && one.batch === details["batch"]);
        if (entry === undefined)
            return;
        entry.overtook = false;
        const r = entry.ids.map((gesture_id) => ({ gesture_id, ok: false, code, message, details, retry: false, changes: [] }));
        this.result({ t: "result", batch: entry.batch, head: this.version, r });
    }
    // ---- the others
    presence(frame) {
        const { t: _t, here, ...peer } = frame;
        if (here === false)
            this.peers.delete(frame.session_id);
        else if (frame.session_id !== this.session?.session_id)
            this.peers.set(frame.session_id, peer);
        this.note({ do: "peers" });
    }
    lease(news) {
        const { record, holder, until, ttl_ms } = news;
        if (holder === null)
            this.leases.delete(record);
        else
            this.leases.set(record, { record, holder, until: until ?? "", ttl_ms: ttl_ms ?? 0 });
        this.note({ do: "lease", news });
        this.note({ do: "leases" });
    }
    /** A lease has ended, and nobody has said so. */
    lapse(record) {
        if (this.leases.delete(record))
            this.note({ do: "leases" });
        return this.flush();
    }
    // ---- out
    note(effect) {
        this.effects.push(effect);
    }
    flush() {
        if (this.session !== null && !this.paused)
            this.sendWaiting(this.session.limits.inflight);
        const effects = this.effects;
        this.effects = [];
        return effects;
    }
    /** In the order in which they were asked, and no more than the service takes at once. */
    sendWaiting(most) {
        const open = this.entries.filter((entry) => entry.kind === "flip" || !entry.answered);
        let flying = open.filter((entry) => entry.sent).length;
        for (const entry of open) {
            if (flying >= most)
                return;
            if (entry.sent)
                continue;
            entry.sent = true;
            flying += 1;
            this.note({ do: "send", frame: entry.frame() });
        }
    }
}
