/** Clear a range of a track: cut what reaches in, drop what lies inside. */
import { byText } from "../fold.js";
import { int } from "../records.js";
import { cut, trimEnd, trimStart } from "./surgery.js";
import { end as endOf, span } from "./transitions.js";
/** The ids of right halves that came to be; their links are still those of the whole. */
export function clear(draft, track, start, end, spared) {
    const rights = [];
    const items = [...inTime(draft.state.inside(track, "clip")), ...inTime(draft.state.inside(track, "caption"))];
    for (const item of items) {
        const at = int(item, "start");
        const stop = endOf(item);
        if (stop <= start || at >= end || spared.has(item.id))
            continue;
        if (item.kind === "clip")
            dropTransitions(draft, item.id, start, end);
        if (at < start && stop > end) {
            const right = draft.newId("clear", item.id);
            cutItem(draft, item, end, right);
            if (item.kind === "clip")
                rights.push(right);
        }
        clipOff(draft, item, start, end);
    }
    return rights;
}
/** Drop the transitions of a clip that show anything of [start, end). */
function dropTransitions(draft, clipId, start, end) {
    const there = draft.state.inside(clipId, "transition").sort((one, other) => byText(one.id, other.id));
    for (const transition of there) {
        const [first, stop] = span(draft.state, transition);
        if (first < end && stop > start)
            draft.drop(transition.id);
    }
}
/** Split a clip, or a caption: both halves say its words. */
function cutItem(draft, item, at, rightId) {
    if (item.kind === "clip") {
        cut(draft, item.id, at, rightId);
        return;
    }
    draft.set(item.id, { duration: at - int(item, "start") });
    draft.put("caption", rightId, { ...item.value, start: at, duration: endOf(item) - at });
}
function clipOff(draft, item, start, end) {
    const now = draft.get(item.kind, item.id);
    const at = int(now, "start");
    const stop = endOf(now);
    if (start <= at && stop <= end) {
        draft.drop(item.id);
    }
    else if (item.kind === "clip") {
        if (at < start)
            trimEnd(draft, item.id, start - stop);
        else
            trimStart(draft, item.id, end - at);
    }
    else {
        draft.set(item.id, at < start ? { duration: start - at } : { start: end, duration: stop - end });
    }
}
function inTime(items) {
    return items.sort((one, other) => int(one, "start") - int(other, "start") || byText(one.id, other.id));
}
