/** The four gestures of crop keyframes. */
import type { Rule } from "./clips.js";
export declare const addCropKeyframe: Rule;
export declare const updateCropKeyframe: Rule;
export declare const moveCropKeyframe: Rule;
export declare const deleteCropKeyframe: Rule;
