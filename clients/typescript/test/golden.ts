/** The golden vectors that the Python side wrote: where they lie, and states from them. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { TimelineState, type Change, type Json, type KindName, type Shift, type Value } from "../src/index.js";

export const GOLDEN = process.env["GOLDEN"] ?? join(process.cwd(), "..", "..", "tests", "golden");

export type Records = [id: string, kind: KindName, value: Value][];
/** null: it went; `new`: it came; else the fields that were written. */
export type Difference = { [id: string]: null | { new: KindName; value: Value } | { [field: string]: Json } };

export function files(folder: string, besides = ""): string[] {
  return readdirSync(join(GOLDEN, folder)).filter((name) => name !== besides).sort();
}

export function read<Content>(...path: string[]): Content {
  return JSON.parse(readFileSync(join(GOLDEN, ...path), "utf8")) as Content;
}

export function lines<Content>(...path: string[]): Content[] {
  const text = readFileSync(join(GOLDEN, ...path), "utf8");
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Content);
}

export function stateOfRecords(
  world: { version: number; gone: string[]; shifts: [number, Shift][]; records: Records },
): TimelineState {
  const state = new TimelineState();
  for (const [id, kind, value] of world.records) state.enter({ id, kind, value });
  for (const id of world.gone) state.gone.add(id);
  state.version = world.version;
  state.shifts = world.shifts.map(([version, shift]) => ({ version, shift: { ...shift, op: "shift" } }));
  return state;
}

/** The living records by id, comparable by value. */
export function plain(state: TimelineState): { [id: string]: { kind: KindName; value: Value } } {
  const found: { [id: string]: { kind: KindName; value: Value } } = {};
  for (const id of [...state.records.keys()].sort()) {
    const { kind, value } = state.records.get(id) as { kind: KindName; value: Value };
    found[id] = { kind, value };
  }
  return found;
}

/** What `plain` is after a difference. */
export function changed(before: ReturnType<typeof plain>, difference: Difference): ReturnType<typeof plain> {
  const after = { ...before };
  for (const [id, told] of Object.entries(difference)) {
    if (told === null) {
      delete after[id];
    } else if ("new" in told && "value" in told) {
      after[id] = { kind: told["new"] as KindName, value: told["value"] as Value };
    } else {
      const record = after[id] as { kind: KindName; value: Value };
      const value: { [field: string]: Json } = { ...record.value };
      for (const [field, written] of Object.entries(told)) {
        if (written === null && field.includes(".")) delete value[field];
        else value[field] = written as Json;
      }
      after[id] = { kind: record.kind, value };
    }
  }
  return Object.fromEntries(Object.keys(after).sort().map((id) => [id, after[id] as { kind: KindName; value: Value }]));
}

/** Members that a state keeps beside its records, as they would be if it had been read from a snapshot. */
export function assertPlacesHold(state: TimelineState): void {
  const fresh = new TimelineState();
  for (const record of state.records.values()) fresh.enter(record);
  const places: (string | null)[] = [null, "kind:transition", ...state.records.keys()];
  for (const record of state.records.values()) {
    for (const bond of ["link_id", "group_id"]) {
      if (typeof record.value[bond] === "string") places.push(`${bond}:${record.value[bond]}`);
    }
  }
  for (const place of places) {
    const [one, other] = [[...state.memberIds(place)].sort(), [...fresh.memberIds(place)].sort()];
    if (one.join() !== other.join()) throw new Error(`members of ${place}: ${one.join()} and not ${other.join()}`);
  }
}

export type { Change };
