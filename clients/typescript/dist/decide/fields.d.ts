/** Gestures that set fields of one record, or take a small one away. */
import { type KindName } from "../records.js";
import type { Rule } from "./clips.js";
export declare const rename: Rule;
/** Sets one flag of a track. */
export declare function flagOfTrack(parameter: string, field: string, negated?: boolean): Rule;
export declare const renameTrack: Rule;
export declare const enable: Rule;
export declare const setColor: Rule;
export declare const setFades: Rule;
export declare const setMetadata: Rule;
/** Sets a static property of the picture of a clip. */
export declare function look(name: "opacity" | "rotation"): Rule;
export declare const setTransform: Rule;
export declare const setVolume: Rule;
export declare const setTimeline: Rule;
export declare const setTransition: Rule;
export declare const updateMarker: Rule;
export declare const updateCaption: Rule;
/** Drops a record that nothing else hangs on. */
export declare function removal(kind: KindName): Rule;
