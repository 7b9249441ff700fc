/** Where a time that was noted earlier lies on the ground of today: through every later shift of its track. */

import type { Shift, TimelineState } from "../fold.js";
import { Refused, Undecided } from "./verdicts.js";

/** Ticks of a version, in today's. Refused (`place_gone`) where it was cut away since. */
export function carry(time: number, state: TimelineState, track: string | null, base: number): number {
  if (base < state.groundSince) throw new Undecided("shifts since then are not known here");
  const shifts: Shift[] = [];
  for (const { version, shift } of state.shifts) if (version > base && shift.track === track) shifts.push(shift);
  let at = time;
  for (let n = 0; n < shifts.length; n++) {
    const { id, from, by } = shifts[n] as Shift;
    if (at >= from) {
      at += by;
    } else if (at >= from + by) {
      const back = shifts.findIndex((later, place) => place > n && later.id === id);
      if (back >= 0) {
        at = (shifts[back] as Shift).from + at - (from + by);
        n = back;
      } else if (at > from + by) {
        throw new Refused("place_gone");
      }
    }
  }
  return at;
}
