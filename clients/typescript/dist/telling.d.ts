/** Presence on its way out: no more often than anybody looks, and always the newest. */
import type { Presence } from "./frames.js";
export declare class Telling {
    private readonly send;
    private waiting;
    private timer;
    private n;
    constructor(send: (presence: Presence, n: number) => void);
    tell(presence: Presence): void;
    stop(): void;
    private flush;
}
