/** The kinds of records that a timeline is made of, and how they lie in each other. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
/** Flat fields of a record; keys of a map stand as `metadata.scene`, `params.opacity`. */
export type Value = { readonly [field: string]: Json };

export type KindName =
  | "timeline" | "sequence" | "track" | "clip" | "transition" | "effect" | "caption" | "marker" | "annotation"
  | "keyframe";

/** A living record. It is never changed in place: a record that was written is another object. */
export interface Rec {
  readonly kind: KindName;
  readonly id: string;
  readonly value: Value;
}

export interface Kind {
  /** The one field that says where a record lies; null for kinds that lie nowhere or in several records. */
  readonly container: string | null;
  /** Fields that make it a member of something beside its container, with the prefix of that member list. */
  readonly sides: readonly (readonly [field: string, prefix: string])[];
  /** The field that a shift of the container moves. */
  readonly time: string | null;
  /** Free maps, addressed per key. */
  readonly maps: readonly string[];
  /** Fields that name a record in which this one lies, and of which kinds that may be. */
  readonly parents: readonly (readonly [field: string, kinds: readonly KindName[]])[];
  /** What dropping a parent does: its children go too, or it is refused. */
  readonly onDrop: "cascade" | "conflict";
  /** Whether it has a name. */
  readonly named: boolean;
}

const plain: Kind = {
  container: null, sides: [], time: null, maps: [], parents: [], onDrop: "cascade", named: true,
};

export const KINDS: { readonly [name in KindName]: Kind } = {
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
export const PLACEMENT: { readonly [kind: string]: readonly [string, string] } = {
  clip: ["track_id", "start"],
  caption: ["track_id", "start"],
  marker: ["parent_id", "time"],
  annotation: ["parent_id", "time"],
};

/** Fields that say which clips belong together. */
export const BONDS = ["link_id", "group_id"] as const;

/** A field that holds whole ticks, or another whole number. */
export function int(record: Rec, field: string): number {
  return record.value[field] as number;
}

/** A field that holds an id or other text, or null. */
export function text(record: Rec, field: string): string | null {
  return record.value[field] as string | null;
}

/** Whether two values of records are the same JSON. */
export function equal(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    return Array.isArray(one) && Array.isArray(other) && one.length === other.length
      && one.every((part, n) => equal(part as Json, other[n] as Json));
  }
  const left = one as { readonly [key: string]: Json };
  const right = other as { readonly [key: string]: Json };
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]));
}
