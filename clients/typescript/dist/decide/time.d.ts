/** Times as requests give them, in ticks of 1/705 600 000 s. */
import type { TimelineState } from "../fold.js";
export interface Rate {
    readonly num: number;
    readonly den: number;
}
export declare const TICKS_PER_SECOND = 705600000;
export declare function ticksPerFrame(rate: Rate): number;
/** A time that was read, and is exact once the timeline's rate is known. */
export type Time = {
    readonly ticks: number;
} | {
    readonly frames: number;
} | {
    readonly value: number;
    readonly rate: Rate;
};
/** A wire form: `48`, `{ticks: n}`, `{value: 48, rate: 24}`. */
export declare function parseTime(data: unknown): Time;
/** Ticks, exactly. */
export declare function inTicks(time: Time, state: TimelineState): number;
export declare function isWhole(data: unknown): data is number;
