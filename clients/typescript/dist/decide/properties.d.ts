/** What can be animated: where a property lives, and what it holds. */
import type { Json } from "../records.js";
export declare const WHOLE = 1000000;
export interface Window {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
}
/** Whether a kind of record has a property, and the property takes a value. */
export declare function holds(name: string, parentKind: string, value: Json | undefined): boolean;
/** Whether a window lies inside the picture and has a width and a height. */
export declare function isInside(window: Window): boolean;
