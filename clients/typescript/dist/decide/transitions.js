/** Transitions: whether their clips still touch, and whether these have the handles that are shown. */
import { int, text } from "../records.js";
import { room } from "./clip_time.js";
import { modulo } from "./numbers.js";
import { Refused } from "./verdicts.js";
/** Fields of a clip that say where it lies. */
export const EXTENT = ["track_id", "start", "duration"];
export function end(item) {
    return int(item, "start") + int(item, "duration");
}
/** Whether its clips are there and touch on one track; with a null side there is nothing to touch. */
export function adjacent(state, transition) {
    const left = state.find(text(transition, "left_id"), "clip");
    const right = state.find(text(transition, "right_id"), "clip");
    if (left !== undefined && right !== undefined) {
        return left.value["track_id"] === right.value["track_id"] && end(left) === int(right, "start");
    }
    const given = [text(transition, "left_id"), text(transition, "right_id")].filter((id) => id !== null);
    return given.length === 1 && state.find(given[0], "clip") !== undefined;
}
/** The timeline ticks in which it is shown: [first, end). */
export function span(state, transition) {
    const right = state.find(text(transition, "right_id"), "clip");
    const left = state.find(text(transition, "left_id"), "clip");
    const cut = right !== undefined ? int(right, "start") : end(left);
    return [cut - int(transition, "in_offset"), cut + int(transition, "out_offset")];
}
/** The transition at the end of a clip. */
export function tail(state, clipId) {
    return state.inside(clipId, "transition").find((one) => one.value["left_id"] === clipId);
}
/** Refuse a transition that cannot be shown. */
export function check(state, transition) {
    const lead = int(transition, "in_offset");
    const trail = int(transition, "out_offset");
    if (!adjacent(state, transition))
        throw new Refused("not_adjacent");
    const leftId = text(transition, "left_id");
    const rightId = text(transition, "right_id");
    const bare = (leftId === null && lead !== 0) || (rightId === null && trail !== 0);
    if (lead < 0 || trail < 0 || lead + trail <= 0 || bare)
        throw new Refused("bad_range");
    const clip = state.find(leftId ?? rightId);
    const track = state.find(text(clip, "track_id"));
    const frame = state.ticksPerFrame;
    if (track.value["kind"] === "video" && (modulo(lead, frame) !== 0 || modulo(trail, frame) !== 0)) {
        throw new Refused("off_grid");
    }
    if (leftId !== null)
        checkHandle(state.find(leftId), 0, trail);
    if (rightId !== null)
        checkHandle(state.find(rightId), lead, 0);
}
/** Refuse a clip that has two transitions at one end, or is shorter than what lies on it. */
export function checkClip(state, clip) {
    const there = state.inside(clip.id, "transition");
    const heads = there.filter((one) => one.value["right_id"] === clip.id);
    const tails = there.filter((one) => one.value["left_id"] === clip.id);
    let covered = 0;
    for (const one of heads)
        covered += int(one, "out_offset");
    for (const one of tails)
        covered += int(one, "in_offset");
    if (heads.length > 1 || tails.length > 1 || covered > int(clip, "duration"))
        throw new Refused("in_transition");
}
function checkHandle(clip, before, after) {
    const [first, last] = room(clip.value);
    if ((first !== null && before > first) || (last !== null && after > last))
        throw new Refused("no_handle");
}
