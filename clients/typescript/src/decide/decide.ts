/** What a gesture would do to a state, where this client can tell as the service would. */

import type { Change, TimelineState } from "../fold.js";
import type { Gesture } from "../frames.js";

/** `decided`: the changes stand in the state; `refused`: the service would refuse it so; `undecided`: ask the service. */
export type Verdict =
  | { readonly kind: "decided"; readonly changes: readonly Change[] }
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "undecided"; readonly why: string };

/** Decide a gesture on a state and write what it does into it. Only `decided` leaves anything behind. */
export function decide(state: TimelineState, gesture: Gesture, gestureId: string, base?: number): Verdict {
  void state, gestureId, base;
  return { kind: "undecided", why: gesture.type };
}
