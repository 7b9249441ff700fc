/**
 * The time map of a clip: which tick of its source it shows at a tick of its own.
 *
 *     source(t) = source_in + floor((t + map_offset) * speed.num / speed.den)      t = 0 at the clip's start
 *
 * A reversed clip is mirrored: it shows source(duration - 1 - t).
 */

import type { Json, Value } from "../records.js";
import { scaled, scaledLess } from "./numbers.js";

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
export function map(clip: Value): {
  readonly duration: number; readonly sourceIn: number; readonly offset: number; readonly num: number;
  readonly den: number; readonly reversed: boolean; readonly media: Media;
} {
  const speed = clip["speed"] as { num: number; den: number };
  return {
    duration: clip["duration"] as number,
    sourceIn: clip["source_in"] as number,
    offset: clip["map_offset"] as number,
    num: speed.num,
    den: speed.den,
    reversed: clip["reversed"] as boolean,
    media: clip["media"] as Media,
  };
}

export function available(media: Media): Available | null {
  return (media.available ?? null) as Available | null;
}

/** Whether media looks the same at every time, so that its handles never end. */
export function timeless(media: Media): boolean {
  return media.generator !== undefined || media.kind === "image";
}

/** Whether a track of a kind takes such media. */
export function fits(media: Media, trackKind: string): boolean {
  if (trackKind === "caption") return false;
  const generator = media.generator ?? null;
  const kind = media.kind ?? null;
  if (trackKind === "video") return generator !== "tone" && kind !== "audio";
  const silent = media["has_audio"] !== true;
  return (generator === null || generator === "tone") && (kind === null || kind === "audio" || !silent);
}

/** The source tick shown `t` ticks after the clip's start. */
export function sourceAt(clip: Value, t: number): number {
  const { duration, sourceIn, offset, num, den, reversed } = map(clip);
  return sourceIn + scaled((reversed ? duration - 1 - t : t) + offset, num, den);
}

/** The source ticks a clip uses: [first, end). */
export function sourceSpan(clip: Value): readonly [number, number] {
  const { duration, sourceIn, offset, num, den } = map(clip);
  return [sourceIn + scaled(offset, num, den), sourceIn + scaled(duration - 1 + offset, num, den) + 1];
}

/** The fields that let a clip begin `delta` ticks later in its source, its end unmoved. */
export function cutStart(clip: Value, delta: number): { readonly [field: string]: number } {
  return map(clip).reversed ? {} : advanced(clip, delta);
}

/** The fields of the map that change when the end moves by `delta` ticks; only a reversed clip has any. */
export function cutEnd(clip: Value, delta: number): { readonly [field: string]: number } {
  return map(clip).reversed ? advanced(clip, -delta) : {};
}

/** How far a clip can be shown before its beginning and after its end, in timeline ticks; null: for ever. */
export function room(clip: Value): readonly [number | null, number | null] {
  const { duration, sourceIn, offset, num, den, reversed, media } = map(clip);
  if (timeless(media) || num === 0) return [null, null];
  const there = available(media);
  const before = offset + scaled(sourceIn - (there?.start ?? 0), den, num);
  let after: number | null = null;
  if (there !== null) {
    const beyond = there.start + there.duration - sourceIn;
    after = scaledLess(beyond, den, 1, num) + 1 - offset - duration;
  }
  return reversed ? [after, before] : [before, after];
}

function advanced(clip: Value, delta: number): { readonly [field: string]: number } {
  const { sourceIn, offset, num, den } = map(clip);
  return num === den && offset === 0 ? { source_in: sourceIn + delta } : { map_offset: offset + delta };
}

