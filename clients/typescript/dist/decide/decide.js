/**
 * What a gesture would do to a state, where this client can tell exactly as the service would: set-field gestures,
 * move, trim, split, crop keyframes. The rules are those of the service's `domain`, part by part; the golden vectors of
 * `tests/golden/decide` hold both to each other.
 */
import { settle } from "./bonds.js";
import * as clips from "./clips.js";
import * as crops from "./crops.js";
import { Draft } from "./draft.js";
import * as fields from "./fields.js";
import { check } from "./invariants.js";
import { Refused, Undecided } from "./verdicts.js";
const RULES = new Map([
    ["move", clips.move],
    ["trim", clips.trim],
    ["split", clips.split],
    ["reverse", clips.reverse],
    ["remove_clip", clips.removeClip],
    ["remove_title", clips.removeTitle],
    ["add_crop_keyframe", crops.addCropKeyframe],
    ["update_crop_keyframe", crops.updateCropKeyframe],
    ["move_crop_keyframe", crops.moveCropKeyframe],
    ["delete_crop_keyframe", crops.deleteCropKeyframe],
    ["rename", fields.rename],
    ["rename_track", fields.renameTrack],
    ["lock_track", fields.flagOfTrack("locked", "locked")],
    ["mute_track", fields.flagOfTrack("muted", "muted")],
    ["solo_track", fields.flagOfTrack("solo", "solo")],
    ["hide_track", fields.flagOfTrack("hidden", "enabled", true)],
    ["enable", fields.enable],
    ["set_color", fields.setColor],
    ["set_fades", fields.setFades],
    ["set_metadata", fields.setMetadata],
    ["set_opacity", fields.look("opacity")],
    ["set_rotation", fields.look("rotation")],
    ["set_transform", fields.setTransform],
    ["set_volume", fields.setVolume],
    ["set_timeline", fields.setTimeline],
    ["set_transition", fields.setTransition],
    ["update_marker", fields.updateMarker],
    ["update_caption", fields.updateCaption],
    ["remove_marker", fields.removal("marker")],
    ["remove_annotation", fields.removal("annotation")],
    ["remove_caption", fields.removal("caption")],
    ["remove_effect", fields.removal("effect")],
    ["remove_transition", fields.removal("transition")],
    ["delete_keyframe", fields.removal("keyframe")],
]);
/** Types of gestures that are decided here, most of the time. */
export const DECIDABLE = new Set(RULES.keys());
/**
 * Decide a gesture on a state and write what it does into it; only `decided` leaves anything behind. `base` is the
 * version that its author saw. A gesture that changes nothing is decided, without changes.
 */
export function decide(state, gesture, gestureId, base) {
    const rule = RULES.get(gesture.type);
    if (rule === undefined)
        return { kind: "undecided", why: `${gesture.type} is decided by the service` };
    if (state.timelineId === "")
        return { kind: "undecided", why: "nothing is known of the timeline yet" };
    const draft = new Draft(state, gestureId, base);
    try {
        rule(draft, gesture);
        settle(draft);
        check(draft);
        return { kind: "decided", changes: draft.changes };
    }
    catch (ending) {
        draft.undo();
        if (ending instanceof Refused)
            return { kind: "refused", code: ending.code };
        if (ending instanceof Undecided)
            return { kind: "undecided", why: ending.message };
        throw ending;
    }
}
