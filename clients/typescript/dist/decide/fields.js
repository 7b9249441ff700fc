/** Gestures that set fields of one record, or take a small one away. */
import { equal, KINDS, text } from "../records.js";
import { following } from "./bonds.js";
import { MAX_TICKS, modulo } from "./numbers.js";
import { isStorable, Parameters } from "./parameters.js";
import { holds } from "./properties.js";
import { Refused, missing, Undecided } from "./verdicts.js";
const IDENTITY = { x: 0, y: 0, scale_x: 1_000_000, scale_y: 1_000_000 };
const DEFAULTS = { opacity: 1_000_000, rotation: 0, transform: IDENTITY };
const MARKER_COLORS = [
    "PINK", "RED", "ORANGE", "YELLOW", "GREEN", "CYAN", "BLUE", "PURPLE", "MAGENTA", "BLACK", "WHITE",
];
const SIDE = [16, 16_384];
const LONGEST_KEY = 200;
const DEEPEST = 64;
const MOST_KEYS = 1000;
export const rename = (draft, gesture) => {
    const parameters = new Parameters(gesture, ["id", "name"]);
    const name = parameters.text("name");
    const record = draft.state.find(parameters.id("id"));
    if (record === undefined)
        throw missing("record");
    if (!KINDS[record.kind].named)
        throw new Refused("bad_value");
    draft.set(record.id, { name });
};
/** Sets one flag of a track. */
export function flagOfTrack(parameter, field, negated = false) {
    return (draft, gesture) => {
        const parameters = new Parameters(gesture, ["track_id", parameter]);
        const flag = parameters.flag(parameter);
        draft.set(draft.get("track", parameters.id("track_id")).id, { [field]: flag !== negated });
    };
}
export const renameTrack = (draft, gesture) => {
    const parameters = new Parameters(gesture, ["track_id", "name"]);
    const name = parameters.text("name");
    draft.set(draft.get("track", parameters.id("track_id")).id, { name });
};
export const enable = (draft, gesture) => {
    const parameters = new Parameters(gesture, ["clip_ids", "enabled", "single"]);
    const enabled = parameters.flag("enabled", true);
    const single = parameters.flag("single", false);
    for (const named of parameters.ids("clip_ids")) {
        for (const id of following(draft.state, draft.get("clip", named).id, single))
            draft.set(id, { enabled });
    }
};
export const setColor = (draft, gesture) => {
    const parameters = new Parameters(gesture, ["clip_ids", "color"]);
    const color = parameters.optionalText("color");
    for (const id of parameters.ids("clip_ids"))
        draft.set(draft.get("clip", id).id, { color });
};
export const setFades = (draft, gesture) => {
    const parameters = new Parameters(gesture, ["clip_id", "fade_in", "fade_out"]);
    const times = [["fade_in", parameters.optionalTime("fade_in")], ["fade_out", parameters.optionalTime("fade_out")]];
    const clip = draft.get("clip", parameters.id("clip_id"));
    const after = {};
    for (const [name, time] of times)
        if (time !== null)
            after[name] = draft.ticks(time);
    const [fadeIn, fadeOut] = ["fade_in", "fade_out"].map((name) => (after[name] ?? clip.value[name]));
    const [first, last] = [fadeIn, fadeOut];
    if (first < 0 || last < 0 || first + last > clip.value["duration"])
        throw new Refused("bad_range");
    draft.set(clip.id, after);
};
export const setMetadata = (draft, gesture) => {
    const parameters = new Parameters(gesture, ["id", "metadata"]);
    const metadata = free(parameters, "metadata") ?? undefined;
    if (metadata === undefined)
        throw new Undecided("no metadata");
    const record = draft.state.find(parameters.id("id"));
    if (record === undefined)
        throw missing("record");
    if (!KINDS[record.kind].maps.includes("metadata"))
        throw new Refused("bad_value");
    draft.set(record.id, metadata);
};
/** Sets a static property of the picture of a clip. */
export function look(name) {
    return (draft, gesture) => {
        const parameters = new Parameters(gesture, ["clip_id", name]);
        const value = parameters.whole(name, -MAX_TICKS, MAX_TICKS);
        rest(draft, shown(draft, parameters.id("clip_id")), name, value);
    };
}
export const setTransform = (draft, gesture) => {
    const names = ["x", "y", "scale_x", "scale_y"];
    const parameters = new Parameters(gesture, ["clip_id", ...names]);
    const given = {};
    for (const name of names) {
        const part = parameters.optionalWhole(name, -MAX_TICKS, MAX_TICKS);
        if (part !== null)
            given[name] = part;
    }
    const clip = shown(draft, parameters.id("clip_id"));
    const now = (clip.value["params.transform"] ?? IDENTITY);
    rest(draft, clip, "transform", { ...now, ...given });
};
export const setVolume = (draft, gesture) => {
    const parameters = new Parameters(gesture, ["clip_id", "track_id", "gain"]);
    const gain = parameters.whole("gain", -MAX_TICKS, MAX_TICKS);
    const [clipId, trackId] = [parameters.optionalId("clip_id"), parameters.optionalId("track_id")];
    if ((clipId === null) === (trackId === null))
        throw new Refused("invalid");
    const holder = clipId !== null ? draft.get("clip", clipId) : draft.get("track", trackId);
    if (!holds("volume", holder.kind, gain))
        throw new Refused("bad_value");
    draft.set(holder.id, { gain });
};
export const setTimeline = (draft, gesture) => {
    const parameters = new Parameters(gesture, ["name", "width", "height", "start_timecode", "metadata"]);
    const after = {};
    keep(after, "name", parameters.optionalText("name"));
    for (const side of ["width", "height"])
        keep(after, side, parameters.optionalWhole(side, ...SIDE));
    const time = parameters.optionalTime("start_timecode");
    const metadata = free(parameters, "metadata");
    if (time !== null) {
        const start = draft.ticks(time);
        if (start < 0)
            throw new Refused("bad_range");
        if (modulo(start, draft.state.ticksPerFrame) !== 0)
            throw new Refused("off_grid");
        after["start_timecode"] = start;
    }
    draft.set(draft.state.timelineId, { ...after, ...metadata });
};
export const setTransition = (draft, gesture) => {
    const parameters = new Parameters(gesture, ["transition_id", "kind", "in_offset", "out_offset", "name"]);
    const after = {};
    keep(after, "kind", parameters.optionalText("kind"));
    keep(after, "name", parameters.optionalText("name"));
    if (after["kind"] === "")
        throw new Undecided("a transition of no kind");
    const times = ["in_offset", "out_offset"].map((name) => [name, parameters.optionalTime(name)]);
    const transition = draft.get("transition", parameters.id("transition_id"));
    for (const [name, time] of times)
        if (time !== null)
            after[name] = draft.ticks(time);
    draft.set(transition.id, after);
};
export const updateMarker = (draft, gesture) => {
    const parameters = new Parameters(gesture, ["marker_id", "time", "duration", "name", "color", "comment"]);
    const after = {};
    for (const name of ["name", "color", "comment"])
        keep(after, name, parameters.optionalText(name));
    if ("color" in after && !MARKER_COLORS.includes(after["color"]))
        throw new Undecided("a colour");
    const markerId = parameters.id("marker_id");
    const [time, duration] = [parameters.optionalTime("time"), parameters.optionalTime("duration")];
    const there = draft.state.find(markerId, "marker");
    const parent = draft.state.find(there === undefined ? null : text(there, "parent_id"));
    const carries = time !== null && (parent?.kind === "timeline" || parent?.kind === "track");
    const at = carries ? draft.position(time, parent.kind === "track" ? parent.id : null) : time;
    const marker = draft.get("marker", markerId);
    for (const [name, one] of [["time", at], ["duration", duration]]) {
        if (one === null)
            continue;
        const ticks = draft.ticks(one);
        if (ticks < 0)
            throw new Refused("bad_range");
        after[name] = ticks;
    }
    draft.set(marker.id, after);
};
export const updateCaption = (draft, gesture) => {
    const known = ["caption_id", "track_id", "start", "duration", "text", "name", "enabled"];
    const parameters = new Parameters(gesture, known);
    const captionId = parameters.id("caption_id");
    const trackId = parameters.optionalId("track_id");
    const [start, duration] = [parameters.optionalTime("start"), parameters.optionalTime("duration")];
    const after = {};
    const there = draft.state.find(captionId, "caption");
    const at = there === undefined || start === null ? start
        : draft.position(start, trackId ?? text(there, "track_id"));
    const caption = draft.get("caption", captionId);
    if (trackId !== null)
        after["track_id"] = draft.get("track", trackId).id;
    for (const [name, time] of [["start", at], ["duration", duration]]) {
        if (time !== null)
            after[name] = draft.ticks(time);
    }
    keep(after, "text", parameters.optionalText("text"));
    keep(after, "name", parameters.optionalText("name"));
    keep(after, "enabled", parameters.optionalFlag("enabled"));
    draft.set(caption.id, after);
};
/** Drops a record that nothing else hangs on. */
export function removal(kind) {
    return (draft, gesture) => {
        draft.drop(draft.get(kind, new Parameters(gesture, [`${kind}_id`]).id(`${kind}_id`)).id);
    };
}
function keep(after, name, value) {
    if (value !== null)
        after[name] = value;
}
/** A clip that has a picture. */
function shown(draft, clipId) {
    const clip = draft.get("clip", clipId);
    if (draft.get("track", text(clip, "track_id")).value["kind"] !== "video")
        throw new Refused("kind_mismatch");
    return clip;
}
/** The default takes the key away. */
function rest(draft, clip, name, value) {
    if (!holds(name, "clip", value))
        throw new Refused("bad_value");
    draft.set(clip.id, { [`params.${name}`]: equal(value, DEFAULTS[name]) ? null : value });
}
/** Free JSON by key, as flat fields. */
function free(parameters, name) {
    const given = parameters.raw(name);
    if (given === undefined || given === null)
        return null;
    if (typeof given !== "object" || Array.isArray(given) || !isFree(given, 0))
        throw new Undecided(`unusual: ${name}`);
    const entries = Object.entries(given);
    if (entries.length > MOST_KEYS)
        throw new Undecided("very many keys");
    return Object.fromEntries(entries.map(([key, value]) => [`${name}.${key}`, value]));
}
function isFree(value, depth) {
    if (depth > DEEPEST)
        return false;
    if (typeof value === "string")
        return isStorable(value);
    if (typeof value === "number")
        return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    if (Array.isArray(value))
        return value.every((part) => isFree(part, depth + 1));
    if (typeof value === "object" && value !== null) {
        return Object.entries(value).every(([key, part]) => key !== "" && [...key].length <= LONGEST_KEY && isStorable(key)
            && isFree(part, depth + 1));
    }
    return value === null || typeof value === "boolean";
}
