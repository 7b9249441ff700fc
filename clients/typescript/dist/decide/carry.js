/** Where a time that was noted earlier lies on the ground of today: through every later shift of its track. */
import { Refused, Undecided } from "./verdicts.js";
/** Ticks of a version, in today's. Refused (`place_gone`) where it was cut away since. */
export function carry(time, state, track, base) {
    if (base < state.groundSince)
        throw new Undecided("shifts since then are not known here");
    const shifts = [];
    for (const { version, shift } of state.shifts)
        if (version > base && shift.track === track)
            shifts.push(shift);
    let at = time;
    for (let n = 0; n < shifts.length; n++) {
        const { id, from, by } = shifts[n];
        if (at >= from) {
            at += by;
        }
        else if (at >= from + by) {
            const back = shifts.findIndex((later, place) => place > n && later.id === id);
            if (back >= 0) {
                at = shifts[back].from + at - (from + by);
                n = back;
            }
            else if (at > from + by) {
                throw new Refused("place_gone");
            }
        }
    }
    return at;
}
