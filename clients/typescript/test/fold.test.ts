/** Golden fold vectors: TypeScript folds every golden event and whole sessions to what Python folds them to. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { TimelineState, type Change } from "../src/index.js";
import { assertPlacesHold, changed, files, lines, plain, read, type Difference, type Records } from "./golden.js";

interface Session {
  events: { version: number; changes: Change[] }[];
  states: { version: number; records: Records }[];
}

for (const name of files("fold", "events.json")) {
  test(`${name} folds as Python folds it`, () => {
    const session = read<Session>("fold", name);
    const states = new Map(session.states.map((state) => [state.version, state.records]));
    const state = new TimelineState();
    for (const event of session.events) {
      state.take(event.changes);
      assert.equal(state.version, event.version);
      const records = states.get(event.version);
      if (records === undefined) continue;
      const expected = Object.fromEntries(records.map(([id, kind, value]) => [id, { kind, value }]));
      assert.deepEqual(plain(state), expected);
      assertPlacesHold(state);
    }
  });

  test(`${name}: what is marked can be taken back at every step`, () => {
    const session = read<Session>("fold", name);
    const state = new TimelineState();
    for (const event of session.events) {
      const before = plain(state);
      if (!event.changes.some((change) => change.op === "shift")) {
        state.mark();
        for (const change of event.changes) state.apply(change);
        state.revert(0);
        assert.deepEqual(plain(state), before);
        assertPlacesHold(state);
      }
      state.take(event.changes);
    }
  });

  test(`${name}: a fork keeps to itself`, () => {
    const session = read<Session>("fold", name);
    const state = new TimelineState();
    for (const event of session.events) {
      const other = state.fork();
      const before = plain(state);
      other.take(event.changes);
      assert.deepEqual(plain(state), before);
      assertPlacesHold(state);
      state.take(event.changes);
      assert.deepEqual(plain(state), plain(other));
    }
  });
}

interface Golden {
  events: { type: string; version: number; on: string | null; changes: Difference }[];
}
interface Body {
  changes: Change[];
}

test("every golden event makes the difference that it makes in Python", () => {
  const stages = new Map<string, TimelineState>();
  const log = new TimelineState();
  const { events } = read<Golden>("fold", "events.json");
  for (const { type, on, changes } of events) {
    const body = read<Body>("events", "v1", `${type}.json`);
    let state = log;
    if (on !== null) {
      const stage = stages.get(on) ?? new TimelineState();
      if (!stages.has(on)) for (const beneath of lines<Body>("events", "v1", on)) stage.take(beneath.changes);
      stages.set(on, stage);
      state = stage.fork();
    }
    const before = plain(state);
    state.take(body.changes);
    assert.deepEqual(plain(state), changed(before, changes), type);
    assertPlacesHold(state);
  }
  assert.ok(events.length > 80);
});
