/** What can be animated: where a property lives, and what it holds. */

import type { Json } from "../records.js";
import { isWhole } from "./time.js";

export const WHOLE = 1_000_000;
const FURTHEST = 100 * WHOLE;
const LOUDEST = 100_000;
const TURNS = 360_000 * 100;
const MOST_VALUES = 64;

export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Whether a kind of record has a property, and the property takes a value. */
export function holds(name: string, parentKind: string, value: Json | undefined): boolean {
  if (name.startsWith("params.") && name.length > "params.".length) return parentKind === "effect" && isParam(value);
  if (name === "volume") return (parentKind === "clip" || parentKind === "track") && within(value, -LOUDEST, LOUDEST);
  if (parentKind !== "clip") return false;
  switch (name) {
    case "crop":
      return isMap(value, "height,width,x,y") && isInside(value as unknown as Window);
    case "transform":
      return isMap(value, "scale_x,scale_y,x,y") && Object.entries(value as { [key: string]: number })
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
export function isInside(window: Window): boolean {
  return [[window.x, window.width], [window.y, window.height]]
    .every(([at, length]) => (at as number) >= 0 && (length as number) > 0 && (at as number) + (length as number) <= WHOLE);
}

function within(value: Json | undefined, low: number, high: number): boolean {
  return isWhole(value) && value >= low && value <= high;
}

function isMap(value: Json | undefined, keys: string): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    && Object.keys(value).sort().join() === keys
    && Object.values(value).every((part) => within(part as Json, -FURTHEST, FURTHEST));
}

function isParam(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.length <= MOST_VALUES && value.every(isWhole);
  return isWhole(value);
}
