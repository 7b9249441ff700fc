/** Many clients on a bad network: at rest all have the state of the log, and no gesture is committed twice. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Sync, type Gesture } from "../src/index.js";
import { chance } from "./chance.js";
import { plain } from "./golden.js";
import { clipChange, Party, Service, trim } from "./scripted.js";

const RUNS = Number(process.env["RUNS"] ?? 300);
const STEPS = 150;

function gesture(draw: (below: number) => number, party: Party): Gesture {
  const clips = party.core.state.ofKind("clip").map((clip) => clip.id).sort();
  const clip_id = clips[draw(clips.length)] as string;
  switch (draw(7)) {
    case 0:
      return { type: "move", clip_ids: [clip_id], delta: draw(41) - 20 };
    case 1:
      return { type: "split", clip_id, at: draw(400) };
    case 2:
      return { type: "rename", id: clip_id, name: `n${draw(9)}` };
    case 3:
      return { type: "remove_clip", clip_id };
    case 4:
      return { type: "ripple_delete", clip_ids: [clip_id] };
    default:
      return trim(clip_id, draw(21) - 14);
  }
}

function step(draw: (below: number) => number, parties: readonly Party[], service: Service): void {
  const party = parties[draw(parties.length)] as Party;
  switch (draw(12)) {
    case 0:
      if (party.core.state.ofKind("clip").length > 0) {
        const made = [gesture(draw, party), gesture(draw, party)].slice(draw(2));
        party.push(made, `${party.core.hello("").client_id}-${party.core.number(0)}`, { atomic: draw(2) === 0 });
      }
      break;
    case 1:
      if (draw(4) === 0) party.disconnect();
      break;
    case 2:
      if (party.line === null) party.connect();
      break;
    case 3:
      if (draw(5) === 0) service.busy += 1;
      break;
    case 4: { // a frame of events is lost on its way: a gap
      const lost = party.line?.down.findIndex((frame) => frame.t === "events" && frame.items.length > 0) ?? -1;
      if (draw(4) === 0 && lost >= 0) party.line?.down.splice(lost, 1);
      break;
    }
    case 5:
      party.carryOut(party.core.resume());
      break;
    default:
      if (draw(2) === 0) party.sendOne();
      else party.receiveOne();
  }
  assert.ok(party.core.pendingCount >= 0);
}

/** Everybody comes back, and everything is said. */
function settle(parties: readonly Party[], service: Service): void {
  service.busy = 0;
  for (const party of parties) party.disconnect();
  for (const party of parties) party.connect();
  for (let n = 0; n < 4; n++) {
    for (const party of parties) {
      party.rest();
      party.carryOut(party.core.resume());
    }
  }
}

test(`${RUNS} seeded runs of three clients converge`, () => {
  for (let seed = 0; seed < RUNS; seed++) {
    const draw = chance(seed);
    const service = new Service();
    service.replayMost = draw(2) * 20 + 2;
    service.commit("setup", "clips", { type: "add_clip" }, [
      clipChange("a", "v1", 0, 100), clipChange("b", "v1", 100, 60), clipChange("c", "v2", 20, 200),
    ]);
    const parties = ["ann", "bob", "cleo"].map(
      (name) => new Party(new Sync({ timelineId: "timeline", clientId: name, tabId: "1" }), service),
    );
    for (const party of parties) party.connect();
    for (let n = 0; n < STEPS; n++) step(draw, parties, service);
    settle(parties, service);
    for (const party of parties) {
      assert.equal(party.core.pendingCount, 0, `seed ${seed}`);
      assert.equal(party.core.version, service.state.version, `seed ${seed}`);
      assert.deepEqual(plain(party.core.confirmed), plain(service.state), `seed ${seed}`);
      assert.deepEqual(plain(party.core.state), plain(service.state), `seed ${seed}`);
    }
    const ids = service.log.map((item) => item.gesture_id);
    assert.equal(new Set(ids).size, ids.length, `seed ${seed}: a gesture is committed twice`);
  }
});
