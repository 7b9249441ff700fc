/** move (onto free places or over what lies there), trim, split, and what else is decided of whole clips. */
import type { Draft } from "./draft.js";
export type Rule = (draft: Draft, gesture: {
    readonly [name: string]: unknown;
}) => void;
export declare const move: Rule;
export declare const trim: Rule;
export declare const split: Rule;
export declare const reverse: Rule;
export declare const removeClip: Rule;
export declare const removeTitle: Rule;
