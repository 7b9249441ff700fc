/** The kinds of records that a timeline is made of, and how they lie in each other. */
export type Json = null | boolean | number | string | readonly Json[] | {
    readonly [key: string]: Json;
};
/** Flat fields of a record; keys of a map stand as `metadata.scene`, `params.opacity`. */
export type Value = {
    readonly [field: string]: Json;
};
export type KindName = "timeline" | "sequence" | "track" | "clip" | "transition" | "effect" | "caption" | "marker" | "annotation" | "keyframe";
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
export declare const KINDS: {
    readonly [name in KindName]: Kind;
};
/** Fields that are one placement: written together. */
export declare const PLACEMENT: {
    readonly [kind: string]: readonly [string, string];
};
/** Fields that say which clips belong together. */
export declare const BONDS: readonly ["link_id", "group_id"];
/** A field that holds whole ticks, or another whole number. */
export declare function int(record: Rec, field: string): number;
/** A field that holds an id or other text, or null. */
export declare function text(record: Rec, field: string): string | null;
/** Whether two values of records are the same JSON. */
export declare function equal(one: Json | undefined, other: Json | undefined): boolean;
