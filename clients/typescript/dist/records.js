/** The kinds of records that a timeline is made of, and how they lie in each other. */
const plain = {
    container: null, sides: [], time: null, maps: [], parents: [], onDrop: "cascade", named: true,
};
export const KINDS = {
    timeline: { ...plain, maps: ["metadata"] },
    sequence: { ...plain, maps: ["metadata"] },
    track: {
        ...plain, container: "sequence_id", maps: ["metadata"], parents: [["sequence_id", ["sequence"]]],
        onDrop: "conflict",
    },
    clip: {
        ...plain, container: "track_id", time: "start", maps: ["metadata", "params"], parents: [["track_id", ["track"]]],
        sides: [["link_id", "link_id:"], ["group_id", "group_id:"]], onDrop: "conflict",
    },
    transition: {
        ...plain, maps: ["params", "metadata"], sides: [["left_id", ""], ["right_id", ""]],
        parents: [["left_id", ["clip"]], ["right_id", ["clip"]]],
    },
    effect: {
        ...plain, container: "parent_id", maps: ["params", "metadata"], parents: [["parent_id", ["clip", "track"]]],
    },
    caption: {
        ...plain, container: "track_id", time: "start", maps: ["params", "metadata"],
        parents: [["track_id", ["track"]]], onDrop: "conflict",
    },
    marker: {
        ...plain, container: "parent_id", time: "time", maps: ["metadata"],
        parents: [["parent_id", ["timeline", "track", "clip"]]],
    },
    annotation: {
        ...plain, container: "parent_id", time: "time", maps: ["metadata"], named: false,
        parents: [["parent_id", ["timeline", "track", "clip"]]],
    },
    keyframe: {
        ...plain, container: "parent_id", time: "time", named: false,
        parents: [["parent_id", ["clip", "effect", "track"]]],
    },
};
/** Fields that are one placement: written together. */
export const PLACEMENT = {
    clip: ["track_id", "start"],
    caption: ["track_id", "start"],
    marker: ["parent_id", "time"],
    annotation: ["parent_id", "time"],
};
/** Fields that say which clips belong together. */
export const BONDS = ["link_id", "group_id"];
/** A field that holds whole ticks, or another whole number. */
export function int(record, field) {
    return record.value[field];
}
/** A field that holds an id or other text, or null. */
export function text(record, field) {
    return record.value[field];
}
/** Whether two values of records are the same JSON. */
export function equal(one, other) {
    if (one === other)
        return true;
    if (typeof one !== "object" || typeof other !== "object" || one === null || other === null)
        return false;
    if (Array.isArray(one) || Array.isArray(other)) {
        return Array.isArray(one) && Array.isArray(other) && one.length === other.length
            && one.every((part, n) => equal(part, other[n]));
    }
    const left = one;
    const right = other;
    const keys = Object.keys(left);
    return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]));
}
