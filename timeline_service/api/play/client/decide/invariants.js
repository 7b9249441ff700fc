/** What holds in every state, checked on what a gesture touched, in the order in which the service checks it. */
import { byText } from "../fold.js";
import { int, KINDS, text } from "../records.js";
import { available, fits, map, sourceSpan, timeless } from "./clip_time.js";
import { MAX_TICKS, modulo } from "./numbers.js";
import { holds } from "./properties.js";
import * as transitions from "./transitions.js";
import { missing, Refused, Undecided } from "./verdicts.js";
/** Up to so many items of a track are compared one by one; more, by sorting the track. */
const FEW = 4;
const MOST_RECORDS = 100_000;
/** Refuse if what the changes wrote breaks a law of the timeline. */
export function check(draft) {
    const { state } = draft;
    if (state.records.size + state.gone.size > MOST_RECORDS)
        throw new Undecided("a very large timeline");
    const { touched, placed } = written(draft);
    for (const id of touched)
        checkLocks(draft, id);
    const living = touched.map((id) => state.find(id)).filter((record) => record !== undefined);
    checkRecords(state, living);
    checkTransitions(state, living);
    const byTrack = new Map();
    for (const record of living) {
        if (!placed.has(record.id) || !isItem(record))
            continue;
        const track = text(record, "track_id");
        byTrack.set(track, [...(byTrack.get(track) ?? []), record]);
    }
    const vacated = touched.filter((id) => placed.has(id) || state.find(id) === undefined);
    for (const [track, items] of byTrack)
        checkPlaced(draft, track, items, vacated);
}
/** Records that were written, in the order of their ids, and those of them whose extent was. */
function written(draft) {
    const touched = new Set();
    const placed = new Set();
    for (const change of draft.changes) {
        if (change.op === "shift")
            throw new Undecided("a shift");
        touched.add(change.id);
        const extent = change.op === "set" && transitions.EXTENT.some((field) => field in change.fields);
        if (change.op === "put" || extent)
            placed.add(change.id);
    }
    return { touched: [...touched].sort(byText), placed };
}
function isItem(record) {
    return record.kind === "clip" || record.kind === "caption";
}
// ---- locks
function checkLocks(draft, id) {
    for (const find of [(one) => draft.before(one), (one) => draft.state.find(one)]) {
        const record = find(id);
        const track = record === undefined ? undefined : trackOf(find, record);
        if (track?.value["locked"] === true)
            throw new Refused("track_locked");
    }
}
/** The track that a record lies on, however deep. */
function trackOf(find, record) {
    if (record.kind === "track")
        return undefined;
    for (const [field] of KINDS[record.kind].parents) {
        const holder = find(text(record, field));
        if (holder !== undefined)
            return holder.kind === "track" ? holder : trackOf(find, holder);
    }
    return undefined;
}
// ---- records
function checkRecords(state, living) {
    const animated = new Set();
    for (const record of living) {
        if (record.kind === "clip")
            checkClip(state, record);
        else if (record.kind === "caption")
            checkCaption(state, record);
        else if (record.kind === "keyframe" || record.kind === "effect") {
            const parent = checkParent(state, record);
            if (record.kind === "effect")
                continue;
            if (!holds(record.value["property"], parent.kind, record.value["value"]))
                throw new Refused("bad_value");
            animated.add(parent.id);
        }
        else if (record.kind === "marker" || record.kind === "annotation") {
            checkParent(state, record);
            if (int(record, "time") < 0 || int(record, "duration") < 0)
                throw new Refused("negative_time");
            checkHorizon(int(record, "time") + int(record, "duration"));
        }
    }
    for (const parent of [...animated].sort(byText))
        checkKeyframes(state, parent);
}
function checkParent(state, record) {
    const [field, kinds] = KINDS[record.kind].parents[0];
    const parent = state.find(text(record, field));
    if (parent === undefined || !kinds.includes(parent.kind))
        throw new Undecided("a record without its parent");
    return parent;
}
function checkKeyframes(state, parent) {
    const there = new Set();
    for (const keyframe of state.inside(parent, "keyframe")) {
        const place = `${String(keyframe.value["property"])}\0${int(keyframe, "time")}`;
        if (there.has(place))
            throw new Refused("keyframe_exists");
        there.add(place);
    }
}
function checkClip(state, clip) {
    const track = trackFor(state, clip);
    const kind = track.value["kind"];
    if (!fits(map(clip.value).media, kind))
        throw new Refused("kind_mismatch");
    checkExtent(clip);
    const frame = state.ticksPerFrame;
    if (kind === "video" && (modulo(int(clip, "start"), frame) !== 0 || modulo(int(clip, "duration"), frame) !== 0)) {
        throw new Refused("off_grid");
    }
    checkHandles(clip);
}
function checkCaption(state, caption) {
    if (trackFor(state, caption).value["kind"] !== "caption")
        throw new Refused("kind_mismatch");
    checkExtent(caption);
}
function trackFor(state, item) {
    const track = state.find(text(item, "track_id"), "track");
    if (track === undefined)
        throw missing("track");
    return track;
}
function checkExtent(item) {
    if (int(item, "start") < 0)
        throw new Refused("negative_time");
    if (int(item, "duration") <= 0)
        throw new Refused("too_short");
    checkHorizon(transitions.end(item));
}
function checkHorizon(end) {
    if (end > MAX_TICKS)
        throw new Refused("bad_range");
}
/** The media must hold what the clip shows of it. Media whose length is unknown is trusted. */
function checkHandles(clip) {
    const { media } = map(clip.value);
    if (timeless(media))
        return;
    const there = available(media);
    const [first, end] = sourceSpan(clip.value);
    if (first < (there?.start ?? 0))
        throw new Refused("no_handle");
    if (there !== null && end > there.start + there.duration)
        throw new Refused("no_handle");
}
// ---- transitions
/** Those that were written, and those of clips that were. */
function checkTransitions(state, living) {
    const found = new Map();
    const clips = new Map();
    for (const record of living) {
        if (record.kind === "transition")
            found.set(record.id, record);
        else if (record.kind === "clip")
            clips.set(record.id, record);
    }
    for (const transition of found.values()) {
        for (const side of ["left_id", "right_id"]) {
            const clip = state.find(text(transition, side), "clip");
            if (clip !== undefined)
                clips.set(clip.id, clip);
        }
    }
    for (const id of [...clips.keys()].sort(byText)) {
        const ofClip = state.inside(id, "transition");
        if (ofClip.length === 0)
            continue;
        transitions.checkClip(state, clips.get(id));
        for (const transition of ofClip)
            found.set(transition.id, transition);
    }
    for (const id of [...found.keys()].sort(byText))
        transitions.check(state, found.get(id));
}
// ---- overlaps
/** Items that were placed on a track overlap neither each other nor what lay there. */
function checkPlaced(draft, track, items, vacated) {
    if (items.length > FEW) {
        checkTrack(draft.state, track);
        return;
    }
    const spans = items.map(spanOf).sort(bySpan);
    checkApart(spans);
    const left = vacated.map((id) => draft.before(id)).filter((record) => record !== undefined);
    const old = runs(left.filter((one) => isItem(one) && one.value["track_id"] === track).map(spanOf));
    const reaching = spans.filter(([start, end]) => !old.some(([from, to]) => from <= start && end <= to));
    if (reaching.length > 0)
        checkNeighbours(draft.state, track, reaching, new Set(items.map((item) => item.id)));
}
function spanOf(item) {
    return [int(item, "start"), transitions.end(item), item.id];
}
function bySpan(one, other) {
    return one[0] - other[0] || one[1] - other[1] || byText(one[2], other[2]);
}
function checkApart(spans) {
    for (let n = 1; n < spans.length; n++) {
        if (spans[n - 1][1] > spans[n][0])
            throw new Refused("overlap");
    }
}
/** Extents that touch are one. */
function runs(extents) {
    const found = [];
    for (const [start, end] of [...extents].sort(bySpan)) {
        const last = found.at(-1);
        if (last !== undefined && last[1] === start)
            last[1] = end;
        else
            found.push([start, end]);
    }
    return found;
}
function checkNeighbours(state, track, spans, placed) {
    for (const id of state.memberIds(track)) {
        const other = state.find(id);
        if (other === undefined || !isItem(other) || placed.has(id))
            continue;
        const from = int(other, "start");
        const to = transitions.end(other);
        if (spans.some(([start, end]) => from < end && to > start))
            throw new Refused("overlap");
    }
}
function checkTrack(state, track) {
    const items = [...state.inside(track, "clip"), ...state.inside(track, "caption")].map(spanOf).sort(bySpan);
    const [first, last] = [items[0], items.at(-1)];
    if (first === undefined || last === undefined)
        return;
    if (first[0] < 0)
        throw new Refused("negative_time");
    checkApart(items);
    checkHorizon(last[1]);
}
