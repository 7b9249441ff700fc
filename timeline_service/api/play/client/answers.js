/** Answers that somebody may be waiting for, by batch. */
/** The client is closed, for `reason`. What was asked stays in the store, if one was given, and has no answer here. */
export class Stopped extends Error {
    reason;
    constructor(reason) {
        super(`the client is closed: ${reason}`);
        this.reason = reason;
        this.name = "Stopped";
    }
}
export class Answers {
    waiting = new Map();
    stopped = null;
    /** Nobody has to wait for it: that it never comes is an error only to who does. */
    to(batch) {
        const { stopped } = this;
        const answer = stopped !== null
            ? Promise.reject(stopped)
            : new Promise((settle, fail) => this.waiting.set(batch, { settle, fail }));
        answer.catch(() => undefined);
        return answer;
    }
    settle(batch, answer) {
        this.waiting.get(batch)?.settle(answer);
        this.waiting.delete(batch);
    }
    /** Answers may come again. */
    start() {
        this.stopped = null;
    }
    /** No more answers will come. */
    stop(reason) {
        this.stopped = new Stopped(reason);
        for (const { fail } of this.waiting.values())
            fail(this.stopped);
        this.waiting.clear();
    }
}
