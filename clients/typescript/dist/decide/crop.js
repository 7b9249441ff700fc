/** Crop keyframes: where in the source one lies, which one is meant, and its window in ppm of the picture. */
import { int, text } from "../records.js";
import { available, map, sourceAt } from "./clip_time.js";
import { MAX_TICKS, rounded } from "./numbers.js";
import { isInside, WHOLE } from "./properties.js";
import { isWhole, ticksPerFrame } from "./time.js";
import { missing, Refused, Undecided } from "./verdicts.js";
const FURTHEST_CURVE = 100 * WHOLE;
export function readSpot(parameters) {
    return { frame: parameters.optionalWhole("frame", 0, MAX_TICKS), at: parameters.optionalTime("at") };
}
export function readAddress(parameters) {
    const keyframeId = parameters.optionalId("keyframe_id");
    return { ...readSpot(parameters), keyframeId, clipId: parameters.optionalId("clip_id") };
}
/** `at` carried to the ground of today, where the clip is there. */
export function carried(draft, spot, clipId) {
    const clip = draft.state.find(clipId, "clip");
    if (spot.at === null || clip === undefined)
        return spot;
    return { frame: spot.frame, at: draft.position(spot.at, text(clip, "track_id")) };
}
/** The clip whose keyframe is meant. */
export function clipOf(state, address) {
    const keyframe = state.find(address.keyframeId, "keyframe");
    return keyframe !== undefined ? text(keyframe, "parent_id") : address.clipId;
}
/** The source tick of a place in a clip; a frame may lie in the handles. */
export function sourceTick(draft, clip, spot) {
    if (spot.at !== null && spot.frame === null) {
        const offset = draft.ticks(spot.at) - int(clip, "start");
        if (!(offset >= 0 && offset < int(clip, "duration")))
            throw new Refused("outside_clip");
        return sourceAt(clip.value, offset);
    }
    if (spot.frame === null || spot.at !== null)
        throw new Refused("invalid");
    const { media } = map(clip.value);
    const frame = media["rate"] === undefined ? draft.state.ticksPerFrame : ticksPerFrame(media["rate"]);
    const tick = spot.frame * frame;
    if (tick > MAX_TICKS)
        throw new Refused("bad_range");
    const there = available(media);
    if (there !== null && !(tick >= there.start && tick < there.start + there.duration))
        throw new Refused("no_handle");
    return tick;
}
/** The keyframe meant, by its id or by its clip and its place. */
export function find(draft, address) {
    if (address.keyframeId !== null) {
        if (address.frame !== null || address.at !== null)
            throw new Refused("invalid");
        const keyframe = draft.get("keyframe", address.keyframeId);
        const elsewhere = address.clipId !== null && address.clipId !== keyframe.value["parent_id"];
        if (keyframe.value["property"] !== "crop" || elsewhere)
            throw missing("keyframe");
        return keyframe;
    }
    if (address.clipId === null)
        throw new Refused("invalid");
    const clip = draft.get("clip", address.clipId);
    const tick = sourceTick(draft, clip, address);
    const found = draft.state.inside(clip.id, "keyframe")
        .find((keyframe) => keyframe.value["property"] === "crop" && keyframe.value["time"] === tick);
    if (found === undefined)
        throw missing("keyframe");
    return found;
}
/** The given ones of x, y, width, height in ppm. */
export function window(parameters, media) {
    const pixels = parameters.choice("unit", ["ppm", "px"], "ppm") === "px";
    const across = media["width"];
    const down = media["height"];
    if (pixels && (across === undefined || down === undefined))
        throw new Refused("media_size_unknown");
    const sides = {};
    for (const name of ["x", "y", "width", "height"]) {
        const side = parameters.optionalWhole(name, -MAX_TICKS, MAX_TICKS);
        if (side === null)
            continue;
        const whole = (name === "x" || name === "width" ? across : down);
        sides[name] = pixels ? rounded(side, WHOLE, whole) : side;
    }
    return sides;
}
export function checkWindow(window) {
    if (!isInside(window))
        throw new Refused("bad_rectangle");
    return { ...window };
}
/** How a value goes to the next keyframe, as a record keeps it; null where it is left out. */
export function interpolation(parameters) {
    const given = parameters.raw("interpolation");
    if (given === undefined || given === null)
        return null;
    if (given === "hold" || given === "linear" || given === "bezier")
        return given;
    const points = typeof given === "object" && Object.keys(given).join() === "bezier"
        ? given.bezier : null;
    if (Array.isArray(points) && points.length === 4 && points.every(isWhole)) {
        const [x1, y1, x2, y2] = points;
        const inTime = [x1, x2].every((x) => x >= 0 && x <= WHOLE);
        if (inTime && [y1, y2].every((y) => Math.abs(y) <= FURTHEST_CURVE))
            return { bezier: [x1, y1, x2, y2] };
    }
    throw new Undecided("not an interpolation");
}
