/** Leases end by themselves, also where the news of it is lost. */
import type { Lease } from "./frames.js";
export declare class Lapsing {
    private readonly lapsed;
    private readonly timers;
    /** `lapsed` is told a record whose lease was not renewed in its time. */
    constructor(lapsed: (record: string) => void);
    /** These are the leases now. */
    watch(leases: ReadonlyMap<string, Lease>): void;
}
