/**
 * The time map of a clip: which tick of its source it shows at a tick of its own.
 *
 *     source(t) = source_in + floor((t + map_offset) * speed.num / speed.den)      t = 0 at the clip's start
 *
 * A reversed clip is mirrored: it shows source(duration - 1 - t).
 */
import { scaled, scaledLess } from "./numbers.js";
/** The fields of a clip that say what it shows. */
export function map(clip) {
    const speed = clip["speed"];
    return {
        duration: clip["duration"],
        sourceIn: clip["source_in"],
        offset: clip["map_offset"],
        num: speed.num,
        den: speed.den,
        reversed: clip["reversed"],
        media: clip["media"],
    };
}
export function available(media) {
    return (media.available ?? null);
}
/** Whether media looks the same at every time, so that its handles never end. */
export function timeless(media) {
    return media.generator !== undefined || media.kind === "image";
}
/** Whether a track of a kind takes such media. */
export function fits(media, trackKind) {
    if (trackKind === "caption")
        return false;
    const generator = media.generator ?? null;
    const kind = media.kind ?? null;
    if (trackKind === "video")
        return generator !== "tone" && kind !== "audio";
    const silent = media["has_audio"] !== true;
    return (generator === null || generator === "tone") && (kind === null || kind === "audio" || !silent);
}
/** The source tick shown `t` ticks after the clip's start. */
export function sourceAt(clip, t) {
    const { duration, sourceIn, offset, num, den, reversed } = map(clip);
    return sourceIn + scaled((reversed ? duration - 1 - t : t) + offset, num, den);
}
/** The source ticks a clip uses: [first, end). */
export function sourceSpan(clip) {
    const { duration, sourceIn, offset, num, den } = map(clip);
    return [sourceIn + scaled(offset, num, den), sourceIn + scaled(duration - 1 + offset, num, den) + 1];
}
/** The fields that let a clip begin `delta` ticks later in its source, its end unmoved. */
export function cutStart(clip, delta) {
    return map(clip).reversed ? {} : advanced(clip, delta);
}
/** The fields of the map that change when the end moves by `delta` ticks; only a reversed clip has any. */
export function cutEnd(clip, delta) {
    return map(clip).reversed ? advanced(clip, -delta) : {};
}
/** How far a clip can be shown before its beginning and after its end, in timeline ticks; null: for ever. */
export function room(clip) {
    const { duration, sourceIn, offset, num, den, reversed, media } = map(clip);
    if (timeless(media) || num === 0)
        return [null, null];
    const there = available(media);
    const before = offset + scaled(sourceIn - (there?.start ?? 0), den, num);
    let after = null;
    if (there !== null) {
        const beyond = there.start + there.duration - sourceIn;
        after = scaledLess(beyond, den, 1, num) + 1 - offset - duration;
    }
    return reversed ? [after, before] : [before, after];
}
function advanced(clip, delta) {
    const { sourceIn, offset, num, den } = map(clip);
    return num === den && offset === 0 ? { source_in: sourceIn + delta } : { map_offset: offset + delta };
}
