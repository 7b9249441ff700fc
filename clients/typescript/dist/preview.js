/** Drags: what gestures would come to, told to the others while the mouse is down. */
import { decide } from "./decide/decide.js";
import { equal } from "./records.js";
/** Of the 4 KB that a presence may have; the rest is for the cursor and the selection. */
const MOST_BYTES = 3 * 1024;
/** Fields that would be written, by record; what would be gone has no word here. The state stays as it is. */
export function preview(state, gestures, transactionId) {
    const mark = state.mark();
    const touched = new Set();
    gestures.forEach((gesture, n) => {
        const verdict = decide(state, gesture, gesture.gesture_id ?? `${transactionId}-${n}`);
        if (verdict.kind !== "decided")
            return;
        for (const change of verdict.changes)
            if (change.op !== "shift")
                touched.add(change.id);
    });
    const records = {};
    let size = 0;
    for (const id of touched) {
        const after = state.find(id)?.value;
        const before = state.at(mark, id)?.value ?? {};
        if (after === undefined)
            continue;
        const fields = Object.fromEntries(Object.entries(after).filter(([field, value]) => !equal(value, before[field])));
        size += JSON.stringify({ [id]: fields }).length;
        if (size > MOST_BYTES)
            break;
        records[id] = fields;
    }
    state.revert(mark);
    return { transaction_id: transactionId, records };
}
