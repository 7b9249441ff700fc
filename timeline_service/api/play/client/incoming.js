/** What the service tells of the log, put in order: snapshots in parts, events without a gap, large ones fetched. */
import { joined, stateOf } from "./snapshot.js";
const PAGE = 100;
/** Events that are kept while an earlier one is missing; what is beyond is pulled again. */
const AHEAD = 2_000;
/** Between the socket and the fold. */
export class Incoming {
    items = new Map();
    parts = [];
    waiting = false;
    fetching = 0;
    pulled = null;
    catchingUp = false;
    clear() {
        this.items.clear();
        this.parts = [];
        this.waiting = false;
        this.fetching = 0;
        this.pulled = null;
        this.catchingUp = false;
    }
    /** Whether a snapshot is on its way, so that events wait for it. */
    get blocked() {
        return this.waiting;
    }
    awaitSnapshot() {
        this.clear();
        this.waiting = true;
    }
    /** One more part of a snapshot; the whole once it is there. */
    part(frame) {
        if (frame.data !== undefined)
            this.parts.push(frame.data);
        if (this.parts.length < frame.parts)
            return null;
        const whole = joined(this.parts);
        this.parts = [];
        return whole;
    }
    loaded(data) {
        this.waiting = false;
        return stateOf(data);
    }
    add(frame) {
        const answers = this.pulled !== null && frame.from <= this.pulled + 1;
        if (answers) {
            this.pulled = null;
            if (frame.items.length === 0)
                this.catchingUp = false;
        }
        else if (this.items.size >= AHEAD) {
            this.catchingUp = true;
            return;
        }
        for (const item of frame.items) {
            const there = this.items.get(item.version);
            if (there === undefined || "by_ref" in there)
                this.items.set(item.version, item);
        }
    }
    fetched(item) {
        this.fetching = 0;
        this.items.set(item.version, item);
    }
    /** The events that follow a version without a gap. */
    ready(version) {
        const found = [];
        if (this.waiting)
            return found;
        for (const at of this.items.keys())
            if (at <= version)
                this.items.delete(at);
        for (let at = version + 1;; at++) {
            const item = this.items.get(at);
            if (item === undefined || "by_ref" in item)
                return found;
            this.items.delete(at);
            found.push(item);
        }
    }
    /** What to ask for, so that it goes on behind a version. */
    wanted(version) {
        if (this.waiting || this.fetching > version || this.pulled !== null)
            return null;
        if (this.items.has(version + 1)) {
            this.fetching = version + 1;
            return { do: "fetch", what: "event", version: this.fetching };
        }
        if (this.items.size === 0 && !this.catchingUp)
            return null;
        return { do: "send", frame: this.pull(version) };
    }
    /** Events are missing, and nobody knows how many: ask until there are no more. */
    catchUp(version) {
        this.catchingUp = true;
        return this.pull(version);
    }
    pull(version) {
        this.pulled = version;
        return { t: "pull", after_version: version, limit: PAGE };
    }
}
