/** What the service would not even answer is found here, before it is queued: it would wait for ever. */
const MOST_GESTURES = 500;
const FRAME_KB = 256;
const ID = /^[A-Za-z0-9_-]{1,64}$/;
/** Throws RangeError. `taken` are the ids of gestures that wait already. */
export function check(frame, taken, frameKb = FRAME_KB) {
    const ids = frame.gestures.map((gesture) => gesture.gesture_id);
    if (ids.length < 1 || ids.length > MOST_GESTURES)
        throw new RangeError(`a push has 1 to ${MOST_GESTURES} gestures`);
    if (!ids.every((id) => typeof id === "string" && ID.test(id))) {
        throw new RangeError("a gesture_id is 1 to 64 of A-Z a-z 0-9 _ -");
    }
    if (new Set(ids).size < ids.length || ids.some((id) => taken.has(id))) {
        throw new RangeError("a gesture_id is in use already");
    }
    const size = new TextEncoder().encode(JSON.stringify(frame)).length;
    if (size > frameKb * 1024)
        throw new RangeError(`a push is too large for one frame: ${size} bytes`);
}
