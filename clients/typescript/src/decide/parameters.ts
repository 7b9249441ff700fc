/** The parameters of a gesture, read as strictly as the service does: whatever is unusual is left to it. */

import type { Gesture } from "../frames.js";
import { parseTime, isWhole, type Time } from "./time.js";
import { Undecided } from "./verdicts.js";

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const MOST_IDS = 1000;
const LONGEST_TEXT = 1000;
/** What may stand beside the parameters of every gesture. */
const RESERVED = ["type", "gesture_id", "seq", "expect", "after"];

export class Parameters {
  private readonly given: { readonly [name: string]: unknown };

  /** Throws Undecided for a parameter that is not among the known ones. */
  constructor(gesture: Gesture | { readonly [name: string]: unknown }, known: readonly string[], nested = false) {
    this.given = gesture as { readonly [name: string]: unknown };
    for (const name of Object.keys(this.given)) {
      if (!known.includes(name) && (nested || !RESERVED.includes(name))) throw new Undecided(`unknown: ${name}`);
    }
  }

  id(name: string): string {
    return this.must(name, this.optionalId(name));
  }

  optionalId(name: string): string | null {
    return this.read(name, (value): value is string => typeof value === "string" && ID.test(value));
  }

  ids(name: string): readonly string[] {
    const isIds = (value: unknown): value is string[] => Array.isArray(value) && value.length > 0
      && value.length <= MOST_IDS && value.every((id) => typeof id === "string" && ID.test(id))
      && new Set(value).size === value.length;
    return this.must(name, this.read(name, isIds));
  }

  /** Id → id; none where it is left out. */
  idMap(name: string, most: number): ReadonlyMap<string, string> {
    if (!(name in this.given)) return new Map();
    const isMap = (value: unknown): value is { [id: string]: string } => typeof value === "object" && value !== null
      && !Array.isArray(value) && Object.keys(value).length <= most
      && Object.entries(value).flat().every((id) => typeof id === "string" && ID.test(id));
    return new Map(Object.entries(this.must(name, this.read(name, isMap))));
  }

  time(name: string): Time {
    return this.must(name, this.optionalTime(name));
  }

  optionalTime(name: string): Time | null {
    const value = this.given[name];
    return value === undefined || value === null ? null : parseTime(value);
  }

  whole(name: string, low: number, high: number): number {
    return this.must(name, this.optionalWhole(name, low, high));
  }

  optionalWhole(name: string, low: number, high: number): number | null {
    return this.read(name, (value): value is number => isWhole(value) && value >= low && value <= high);
  }

  /** A flag; `otherwise` where it is left out, which null is not. */
  flag(name: string, otherwise?: boolean): boolean {
    const value = name in this.given ? this.given[name] : otherwise;
    if (typeof value !== "boolean") throw new Undecided(`not true or false: ${name}`);
    return value;
  }

  optionalFlag(name: string): boolean | null {
    return this.read(name, (value): value is boolean => typeof value === "boolean");
  }

  choice<Word extends string>(name: string, words: readonly Word[], otherwise?: Word): Word {
    const value = name in this.given ? this.given[name] : otherwise;
    if (!words.includes(value as Word)) throw new Undecided(`unknown: ${name}`);
    return value as Word;
  }

  text(name: string): string {
    return this.must(name, this.optionalText(name));
  }

  optionalText(name: string): string | null {
    return this.read(name, (value): value is string => typeof value === "string" && isStorable(value)
      && [...value].length <= LONGEST_TEXT);
  }

  has(name: string): boolean {
    return this.given[name] !== undefined && this.given[name] !== null;
  }

  /** As it was given; for what is read elsewhere. */
  raw(name: string): unknown {
    return this.given[name];
  }

  private read<Kind>(name: string, is: (value: unknown) => value is Kind): Kind | null {
    const value = this.given[name];
    if (value === undefined || value === null) return null;
    if (!is(value)) throw new Undecided(`not as expected: ${name}`);
    return value;
  }

  private must<Kind>(name: string, value: Kind | null): Kind {
    if (value === null) throw new Undecided(`missing: ${name}`);
    return value;
  }
}

/** Text that the service can keep: no NUL, no half of a character. */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
