/** Times as requests give them, in ticks of 1/705 600 000 s. */
import { MAX_TICKS, modulo } from "./numbers.js";
import { Refused, Undecided } from "./verdicts.js";
export const TICKS_PER_SECOND = 705_600_000;
const RATES = [
    [24000, 1001], [24, 1], [25, 1], [30000, 1001], [30, 1], [48000, 1001], [48, 1],
    [50, 1], [60000, 1001], [60, 1], [90, 1], [100, 1], [120000, 1001], [120, 1],
];
const SNAP = 1e-3;
/** How near to the edge of snapping a number may lie and be decided in floating point. */
const DOUBT = 1e-9;
const MOST_HALVINGS = 40;
export function ticksPerFrame(rate) {
    const ticks = TICKS_PER_SECOND * rate.den;
    return (ticks - modulo(ticks, rate.num)) / rate.num;
}
/** A wire form: `48`, `{ticks: n}`, `{value: 48, rate: 24}`. */
export function parseTime(data) {
    if (isWhole(data))
        return { frames: data };
    if (typeof data === "object" && data !== null) {
        const keys = Object.keys(data).sort().join();
        const { ticks, value, rate } = data;
        if (keys === "ticks" && isWhole(ticks))
            return { ticks };
        if (keys === "rate,value" && typeof value === "number" && Math.abs(value) <= MAX_TICKS) {
            return { value, rate: parseRate(rate) };
        }
    }
    throw new Undecided("not a time");
}
/** Ticks, exactly. */
export function inTicks(time, state) {
    if ("ticks" in time)
        return time.ticks;
    if ("frames" in time)
        return bounded(BigInt(time.frames) * BigInt(state.ticksPerFrame));
    let [whole, halvings] = [time.value, 0];
    while (!Number.isInteger(whole) && halvings < MOST_HALVINGS)
        [whole, halvings] = [whole * 2, halvings + 1];
    if (!Number.isInteger(whole))
        throw new Refused("time_not_exact");
    const product = BigInt(whole) * BigInt(ticksPerFrame(time.rate));
    const divisor = 1n << BigInt(halvings);
    if (product % divisor !== 0n)
        throw new Refused("time_not_exact");
    return bounded(product / divisor);
}
export function isWhole(data) {
    return typeof data === "number" && Number.isSafeInteger(data);
}
function bounded(ticks) {
    const found = Number(ticks);
    if (Math.abs(found) > MAX_TICKS)
        throw new Refused("bad_range");
    return found;
}
function parseRate(data) {
    if (typeof data === "number")
        return snapped(data);
    if (typeof data === "object" && data !== null && Object.keys(data).sort().join() === "den,num") {
        const { num, den } = data;
        if (isWhole(num) && isWhole(den) && num > 0 && den > 0) {
            for (const [n, d] of RATES)
                if (BigInt(num) * BigInt(d) === BigInt(n) * BigInt(den))
                    return { num: n, den: d };
        }
    }
    throw new Undecided("not a rate of the list");
}
function snapped(value) {
    let best = null;
    let nearest = Infinity;
    for (const [num, den] of RATES) {
        const off = Math.abs(num / den - value);
        if (off < nearest)
            [nearest, best] = [off, { num, den }];
    }
    const edge = value * SNAP;
    if (best === null || !(value > 0) || nearest > edge * (1 - DOUBT))
        throw new Undecided("not a rate of the list");
    return best;
}
