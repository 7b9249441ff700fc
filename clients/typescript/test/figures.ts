/** How fast this client folds and decides on this machine: `node build/test/figures.js`. */

import { decide, TimelineState, type Change } from "../src/index.js";
import { files, read } from "./golden.js";
import { clipChange, timelineChange, trackChange, trim } from "./scripted.js";

const CLIPS = 10_000;

function rate(name: string, count: number, work: () => void): void {
  work();
  const began = performance.now();
  work();
  const seconds = (performance.now() - began) / 1000;
  console.log(`${name}: ${Math.round(count / seconds)} a second`);
}

for (const name of files("fold", "events.json")) {
  const session = read<{ events: { changes: Change[] }[] }>("fold", name);
  rate(`${name}, events folded`, session.events.length * 20, () => {
    for (let n = 0; n < 20; n++) {
      const state = new TimelineState();
      for (const event of session.events) state.take(event.changes);
    }
  });
}

function large(): TimelineState {
  const state = new TimelineState();
  state.take([timelineChange()]);
  state.take([trackChange("v1"), trackChange("v2")]);
  for (let n = 0; n < CLIPS; n++) state.take([clipChange(`c${n}`, n % 2 === 0 ? "v1" : "v2", n * 10, 8)]);
  return state;
}

rate(`clips put, up to ${CLIPS}`, CLIPS, () => void large());
const state = large();
rate(`trims folded, ${CLIPS} clips`, 20_000, () => {
  for (let n = 0; n < 20_000; n++) {
    const after = n % 2 === 0 ? 5 : 8;
    state.take([{ op: "set", kind: "clip", id: `c${n % CLIPS}`, fields: { duration: [0, after * 28_224_000] } }]);
  }
});
rate(`ripples folded, ${CLIPS / 2} clips on the track`, 40, () => {
  for (let n = 0; n < 40; n++) {
    const by = n % 2 === 0 ? 28_224_000 : -28_224_000;
    state.take([{ op: "shift", id: `${n}`, track: "v1", from: 0, by, moves: true }]);
  }
});
const fresh = large();
rate(`trims decided and taken back, ${CLIPS} clips`, 5_000, () => {
  for (let n = 0; n < 5_000; n++) {
    const verdict = decide(fresh, trim(`c${n}`, -1), `g${n}`);
    if (verdict.kind !== "decided") throw new Error(JSON.stringify(verdict));
    fresh.revert(0);
  }
});
rate(`moves decided and taken back, ${CLIPS} clips`, 500, () => {
  for (let n = 0; n < 500; n++) {
    const verdict = decide(fresh, { type: "move", clip_ids: [`c${n}`], delta: 1 }, `g${n}`);
    if (verdict.kind !== "decided") throw new Error(JSON.stringify(verdict));
    fresh.revert(0);
  }
});
rate(`forks, ${CLIPS} clips`, 100, () => {
  for (let n = 0; n < 100; n++) fresh.fork();
});
