/**
 * The time map of a clip: which tick of its source it shows at a tick of its own.
 *
 *     source(t) = source_in + floor((t + map_offset) * speed.num / speed.den)      t = 0 at the clip's start
 *
 * A reversed clip is mirrored: it shows source(duration - 1 - t).
 */
import type { Json, Value } from "../records.js";
interface Media {
    readonly [field: string]: Json | undefined;
    readonly generator?: Json;
    readonly kind?: Json;
    readonly available?: Json;
}
export interface Available {
    readonly start: number;
    readonly duration: number;
}
/** The fields of a clip that say what it shows. */
export declare function map(clip: Value): {
    readonly duration: number;
    readonly sourceIn: number;
    readonly offset: number;
    readonly num: number;
    readonly den: number;
    readonly reversed: boolean;
    readonly media: Media;
};
export declare function available(media: Media): Available | null;
/** Whether media looks the same at every time, so that its handles never end. */
export declare function timeless(media: Media): boolean;
/** Whether a track of a kind takes such media. */
export declare function fits(media: Media, trackKind: string): boolean;
/** The source tick shown `t` ticks after the clip's start. */
export declare function sourceAt(clip: Value, t: number): number;
/** The source ticks a clip uses: [first, end). */
export declare function sourceSpan(clip: Value): readonly [number, number];
/** The fields that let a clip begin `delta` ticks later in its source, its end unmoved. */
export declare function cutStart(clip: Value, delta: number): {
    readonly [field: string]: number;
};
/** The fields of the map that change when the end moves by `delta` ticks; only a reversed clip has any. */
export declare function cutEnd(clip: Value, delta: number): {
    readonly [field: string]: number;
};
/** How far a clip can be shown before its beginning and after its end, in timeline ticks; null: for ever. */
export declare function room(clip: Value): readonly [number | null, number | null];
export {};
