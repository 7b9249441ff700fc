/** The parameters of a gesture, read as strictly as the service does: whatever is unusual is left to it. */
import type { Gesture } from "../frames.js";
import { type Time } from "./time.js";
export declare class Parameters {
    private readonly given;
    /** Throws Undecided for a parameter that is not among the known ones. */
    constructor(gesture: Gesture | {
        readonly [name: string]: unknown;
    }, known: readonly string[], nested?: boolean);
    id(name: string): string;
    optionalId(name: string): string | null;
    ids(name: string): readonly string[];
    /** Id → id; none where it is left out. */
    idMap(name: string, most: number): ReadonlyMap<string, string>;
    time(name: string): Time;
    optionalTime(name: string): Time | null;
    whole(name: string, low: number, high: number): number;
    optionalWhole(name: string, low: number, high: number): number | null;
    /** A flag; `otherwise` where it is left out, which null is not. */
    flag(name: string, otherwise?: boolean): boolean;
    optionalFlag(name: string): boolean | null;
    choice<Word extends string>(name: string, words: readonly Word[], otherwise?: Word): Word;
    text(name: string): string;
    optionalText(name: string): string | null;
    has(name: string): boolean;
    /** As it was given; for what is read elsewhere. */
    raw(name: string): unknown;
    private read;
    private must;
}
/** Text that the service can keep: no NUL, no half of a character. */
export declare function isStorable(text: string): boolean;
