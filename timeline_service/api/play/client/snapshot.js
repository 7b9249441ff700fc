/** A timeline as `GET /timelines/{id}` answers it, taken apart into records again. */
import { TimelineState } from "./fold.js";
import { KINDS } from "./records.js";
const LISTS = {
    sequences: "sequence", tracks: "track", clips: "clip", transitions: "transition", effects: "effect",
    captions: "caption", markers: "marker", annotations: "annotation", keyframes: "keyframe",
};
/** Of the timeline: what is said of its state, and no field of it. */
const SAID = new Set(["id", "workspace_id", "version", "state_hash", "head_hash", "ticks_per_frame", "duration", ...Object.keys(LISTS)]);
const NONE = new Set(["id"]);
const OF_SEQUENCE = new Set(["id", "duration"]);
/** The state that a timeline's JSON says. Positions noted before it cannot be carried to it. */
export function stateOf(data) {
    const state = new TimelineState();
    state.version = data["version"];
    state.groundSince = state.version;
    state.enter({ kind: "timeline", id: data["id"], value: flat("timeline", data, SAID) });
    for (const list in LISTS) {
        const kind = LISTS[list];
        for (const shown of (data[list] ?? [])) {
            const value = flat(kind, shown, kind === "sequence" ? OF_SEQUENCE : NONE);
            state.enter({ kind, id: shown["id"], value });
        }
    }
    return state;
}
/** One timeline from the parts of a snapshot: each list in slices, the rest in the first. */
export function joined(parts) {
    const whole = {};
    for (const part of parts) {
        for (const field in part) {
            const there = whole[field];
            const more = part[field];
            whole[field] = field in LISTS && Array.isArray(there) ? [...there, ...more] : more;
        }
    }
    return whole;
}
function flat(kind, shown, besides) {
    const value = {};
    for (const field in shown) {
        if (besides.has(field))
            continue;
        const inner = shown[field];
        if (KINDS[kind].maps.includes(field)) {
            const map = inner;
            for (const key in map)
                value[`${field}.${key}`] = map[key];
        }
        else {
            value[field] = inner;
        }
    }
    return value;
}
