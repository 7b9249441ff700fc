/** The four gestures of crop keyframes. */
import { map } from "./clip_time.js";
import * as crop from "./crop.js";
import { MAX_TICKS } from "./numbers.js";
import { Parameters } from "./parameters.js";
import { isWhole } from "./time.js";
import { Undecided } from "./verdicts.js";
const ADDRESS = ["keyframe_id", "clip_id", "frame", "at"];
const SIDES = ["x", "y", "width", "height", "unit", "interpolation"];
export const addCropKeyframe = (draft, gesture) => {
    const parameters = new Parameters(gesture, [...ADDRESS, ...SIDES]);
    const clipId = parameters.id("clip_id");
    const keyframeId = parameters.optionalId("keyframe_id") ?? draft.newId("keyframe");
    for (const side of ["x", "y", "width", "height"])
        parameters.whole(side, -MAX_TICKS, MAX_TICKS);
    const way = parameters.raw("interpolation") === undefined ? "linear" : crop.interpolation(parameters);
    if (way === null)
        throw new Undecided("no interpolation");
    const spot = crop.carried(draft, crop.readSpot(parameters), clipId);
    const clip = draft.get("clip", clipId);
    const time = crop.sourceTick(draft, clip, spot);
    const value = crop.checkWindow(crop.window(parameters, map(clip.value).media));
    draft.put("keyframe", keyframeId, { parent_id: clip.id, property: "crop", time, value, interpolation: way });
};
export const updateCropKeyframe = (draft, gesture) => {
    const parameters = new Parameters(gesture, [...ADDRESS, ...SIDES]);
    const way = crop.interpolation(parameters);
    const keyframe = found(draft, parameters);
    const { media } = map(draft.get("clip", keyframe.value["parent_id"]).value);
    const whole = { ...keyframe.value["value"], ...crop.window(parameters, media) };
    const value = crop.checkWindow(whole);
    draft.set(keyframe.id, { value, ...(way === null ? {} : { interpolation: way }) });
};
export const moveCropKeyframe = (draft, gesture) => {
    const parameters = new Parameters(gesture, [...ADDRESS, "to"]);
    const address = crop.readAddress(parameters);
    const clipId = crop.clipOf(draft.state, address);
    const to = crop.carried(draft, target(parameters.raw("to")), clipId);
    const keyframe = found(draft, parameters);
    const clip = draft.get("clip", keyframe.value["parent_id"]);
    draft.set(keyframe.id, { time: crop.sourceTick(draft, clip, to) });
};
export const deleteCropKeyframe = (draft, gesture) => {
    draft.drop(found(draft, new Parameters(gesture, ADDRESS)).id);
};
function found(draft, parameters) {
    const address = crop.readAddress(parameters);
    const at = crop.carried(draft, address, crop.clipOf(draft.state, address));
    return crop.find(draft, { ...address, ...at });
}
/** A frame number, `{frame}` or `{at}`. */
function target(data) {
    if (isWhole(data) && data >= 0)
        return { frame: data, at: null };
    if (typeof data !== "object" || data === null)
        throw new Undecided("not a place");
    return crop.readSpot(new Parameters(data, ["frame", "at"], true));
}
