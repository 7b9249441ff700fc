/** How long to wait before the next try: half to all of a time that doubles, so that not all come at once. */
export class Backoff {
    tries = 0;
    first;
    longest;
    random;
    constructor(options = {}) {
        this.first = options.first ?? 500;
        this.longest = options.longest ?? 15_000;
        this.random = options.random ?? Math.random;
    }
    /** ms until the next try, at least `atLeast`. */
    next(atLeast = 0) {
        const most = Math.min(this.longest, this.first * 2 ** this.tries);
        this.tries += 1;
        return atLeast + Math.round(most * (0.5 + this.random() / 2));
    }
    /** It went well: the next wait is a short one. */
    reset() {
        this.tries = 0;
    }
}
