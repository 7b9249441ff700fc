/** Presence on its way out: no more often than anybody looks, and always the newest. */
const EVERY_MS = 33;
export class Telling {
    send;
    waiting = null;
    timer;
    n = 0;
    constructor(send) {
        this.send = send;
    }
    tell(presence) {
        this.waiting = presence;
        if (this.timer === undefined)
            this.flush();
    }
    stop() {
        clearTimeout(this.timer);
        this.timer = undefined;
        this.waiting = null;
    }
    flush() {
        this.timer = undefined;
        if (this.waiting === null)
            return;
        this.n += 1;
        this.send(this.waiting, this.n);
        this.waiting = null;
        this.timer = setTimeout(() => this.flush(), EVERY_MS);
    }
}
