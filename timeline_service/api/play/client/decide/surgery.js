/** The cuts that gestures share: move an edge of a clip, cut one in two. */
import { byText } from "../fold.js";
import { int } from "../records.js";
import { cutEnd, cutStart, sourceSpan } from "./clip_time.js";
import { deriveId } from "./draft.js";
import { span, tail } from "./transitions.js";
import { Refused } from "./verdicts.js";
/** The keyframes of a clip and of its effects whose times count from the clip's start: all but those of the crop. */
function moving(state, clipId) {
    const own = state.inside(clipId, "keyframe").filter((keyframe) => keyframe.value["property"] !== "crop");
    const ofEffects = state.inside(clipId, "effect").flatMap((effect) => state.inside(effect.id, "keyframe"));
    return byId([...own, ...ofEffects]);
}
/** Move the beginning of a clip by `delta` ticks; its picture and its animation stay where they are in time. */
export function trimStart(draft, clipId, delta) {
    const clip = draft.get("clip", clipId);
    const after = { start: int(clip, "start") + delta, duration: int(clip, "duration") - delta };
    draft.set(clipId, { ...after, ...cutStart(clip.value, delta) });
    lagKeyframes(draft, clipId, delta);
}
/** Move the end of a clip by `delta` ticks. */
export function trimEnd(draft, clipId, delta) {
    const clip = draft.get("clip", clipId);
    draft.set(clipId, { duration: int(clip, "duration") + delta, ...cutEnd(clip.value, delta) });
}
/** The clip begins `by` ticks later in its own animation. */
function lagKeyframes(draft, clipId, by) {
    for (const keyframe of moving(draft.state, clipId))
        draft.set(keyframe.id, { time: int(keyframe, "time") - by });
}
/** Split a clip at a timeline tick; the left half keeps its id, all that lay in it stays on its picture. */
export function cut(draft, clipId, at, rightId) {
    const clip = draft.get("clip", clipId);
    const duration = int(clip, "duration");
    const offset = at - int(clip, "start");
    if (!(offset > 0 && offset < duration))
        throw new Refused("at_edge");
    for (const transition of draft.state.inside(clipId, "transition")) {
        const [first, end] = span(draft.state, transition);
        if (first < at && at < end)
            throw new Refused("in_transition");
    }
    const rest = duration - offset;
    const right = { ...clip.value, start: at, duration: rest, fade_in: 0, ...cutStart(clip.value, offset) };
    draft.set(clipId, { duration: offset, fade_out: 0, ...cutEnd(clip.value, -rest) });
    draft.put("clip", rightId, right);
    const last = tail(draft.state, clipId);
    if (last !== undefined)
        draft.set(last.id, { left_id: rightId });
    shareOut(draft, clipId, rightId, offset);
}
/** Effects and keyframes go to both halves, a note goes where its picture went. */
function shareOut(draft, leftId, rightId, offset) {
    const right = draft.get("clip", rightId);
    const [first, end] = sourceSpan(right.value);
    copyInside(draft, leftId, rightId, (old) => deriveId(rightId, draft.state.find(old).kind, old));
    lagKeyframes(draft, rightId, offset);
    for (const kind of ["marker", "annotation"]) {
        for (const note of byId(draft.state.inside(leftId, kind))) {
            const time = int(note, "time");
            if (right.value["reversed"] === true ? time < end : time >= first)
                draft.set(note.id, { parent_id: rightId });
        }
    }
}
function copyInside(draft, sourceId, copyId, name) {
    for (const kind of ["effect", "keyframe"]) {
        for (const record of byId(draft.state.inside(sourceId, kind))) {
            const id = name(record.id);
            draft.put(kind, id, { ...record.value, parent_id: copyId });
            if (kind === "effect")
                copyInside(draft, record.id, id, name);
        }
    }
}
function byId(records) {
    return records.sort((one, other) => byText(one.id, other.id));
}
