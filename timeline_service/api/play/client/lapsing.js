/** Leases end by themselves, also where the news of it is lost. */
/** The service tells of the end first, where it can. */
const GRACE_MS = 1_000;
export class Lapsing {
    lapsed;
    timers = new Map();
    /** `lapsed` is told a record whose lease was not renewed in its time. */
    constructor(lapsed) {
        this.lapsed = lapsed;
    }
    /** These are the leases now. */
    watch(leases) {
        for (const [record, { lease, timer }] of this.timers) {
            if (leases.get(record) === lease)
                continue;
            clearTimeout(timer);
            this.timers.delete(record);
        }
        for (const [record, lease] of leases) {
            if (this.timers.has(record))
                continue;
            const timer = setTimeout(() => this.lapsed(record), lease.ttl_ms + GRACE_MS);
            this.timers.set(record, { lease, timer });
        }
    }
}
