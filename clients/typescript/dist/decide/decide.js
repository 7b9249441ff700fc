/** What a gesture would do to a state, where this client can tell as the service would. */
/** Decide a gesture on a state and write what it does into it. Only `decided` leaves anything behind. */
export function decide(state, gesture, gestureId, base) {
    void state, gestureId, base;
    return { kind: "undecided", why: gesture.type };
}
