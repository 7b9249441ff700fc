/** What can be animated: where a property lives, and what it holds. */
import { isWhole } from "./time.js";
export const WHOLE = 1_000_000;
const FURTHEST = 100 * WHOLE;
const LOUDEST = 100_000;
const TURNS = 360_000 * 100;
const MOST_VALUES = 64;
/** Whether a kind of record has a property, and the property takes a value. */
export function holds(name, parentKind, value) {
    if (name.startsWith("params.") && name.length > "params.".length)
        return parentKind === "effect" && isParam(value);
    if (name === "volume")
        return (parentKind === "clip" || parentKind === "track") && within(value, -LOUDEST, LOUDEST);
    if (parentKind !== "clip")
        return false;
    switch (name) {
        case "crop":
            return isMap(value, "height,width,x,y") && isInside(value);
        case "transform":
            return isMap(value, "scale_x,scale_y,x,y") && Object.entries(value)
                .every(([key, part]) => !key.startsWith("scale") || part > 0);
        case "opacity":
            return within(value, 0, WHOLE);
        case "rotation":
            return within(value, -TURNS, TURNS);
        default:
            return false;
    }
}
/** Whether a window lies inside the picture and has a width and a height. */
export function isInside(window) {
    return [[window.x, window.width], [window.y, window.height]]
        .every(([at, length]) => at >= 0 && length > 0 && at + length <= WHOLE);
}
function within(value, low, high) {
    return isWhole(value) && value >= low && value <= high;
}
function isMap(value, keys) {
    return typeof value === "object" && value !== null && !Array.isArray(value)
        && Object.keys(value).sort().join() === keys
        && Object.values(value).every((part) => within(part, -FURTHEST, FURTHEST));
}
function isParam(value) {
    if (Array.isArray(value))
        return value.length > 0 && value.length <= MOST_VALUES && value.every(isWhole);
    return isWhole(value);
}
