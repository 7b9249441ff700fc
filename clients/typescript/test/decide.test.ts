/** Golden decide vectors: whenever TypeScript decides a gesture, it comes to what it comes to in Python. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { decide, type Json } from "../src/index.js";
import { DECIDABLE } from "../src/decide/decide.js";
import { assertPlacesHold, changed, files, plain, read, stateOfRecords, type Difference, type Records } from "./golden.js";
import type { Shift } from "../src/index.js";

interface Case {
  gesture_id: string;
  gesture: { type: string; [parameter: string]: Json };
  base?: number;
  changes?: Difference;
  refused?: string;
}
interface World {
  version: number;
  gone: string[];
  shifts: [number, Shift][];
  records: Records;
  cases: Case[];
}

const count = { decided: 0, refused: 0, undecided: 0, decidable: 0 };
const undecided = new Map<string, number>();

for (const name of files("decide")) {
  test(`${name}: what is decided here is what Python decides`, () => {
    for (const world of read<{ worlds: World[] }>("decide", name).worlds) {
      const state = stateOfRecords(world);
      const before = plain(state);
      for (const told of world.cases) {
        const verdict = decide(state, told.gesture, told.gesture_id, told.base);
        count[verdict.kind] += 1;
        const about = `${JSON.stringify(told)}\n${JSON.stringify(verdict)}`;
        if (DECIDABLE.has(told.gesture.type)) {
          count.decidable += 1;
          if (verdict.kind === "undecided") undecided.set(verdict.why, (undecided.get(verdict.why) ?? 0) + 1);
        }
        if (verdict.kind === "decided") {
          if (told.refused !== undefined) assert.equal(told.refused, "no_change", about);
          assert.deepEqual(plain(state), changed(before, told.changes ?? {}), about);
          assertPlacesHold(state);
        } else if (verdict.kind === "refused") {
          assert.equal(verdict.code, told.refused, about);
        }
        state.revert(0);
        assert.deepEqual(plain(state), before);
      }
    }
  });
}

test("most vectors of the gestures that can be decided here are", () => {
  const { decided, refused, decidable } = count;
  console.log(JSON.stringify({ ...count, why: Object.fromEntries(undecided) }));
  assert.ok((decided + refused) / decidable > 0.85, `${decided + refused} of ${decidable}`);
});
