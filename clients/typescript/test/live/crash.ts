/**
 * Edits while the service is killed and started again, and says how far it is, line by line: `acked n`. Ends well if
 * everything that was acknowledged is there once, and the client has the state of the service.
 */

import assert from "node:assert/strict";

import { plain } from "../golden.js";
import { clientOf, connected, F, gestureIds, stored, trim, until } from "./stage.js";

const EDITS = 80;
const timeline = process.env["TIMELINE_ID"] as string;
const client = await connected(clientOf("owner", timeline));
const begin = client.version;
const ids: string[] = [];
let acked = 0;
let offline = 0;
client.on("status", (status) => {
  if (status === "offline") offline += 1;
  console.log(status);
});
const answers: Promise<void>[] = [];
for (let n = 0; n < EDITS; n++) {
  const gesture_id = `crash-${n}`;
  ids.push(gesture_id);
  const { done } = client.push([{ ...trim("a", -1), gesture_id }]);
  answers.push(done.then(([result]) => {
    assert.equal(result?.ok, true, JSON.stringify(result));
    acked += 1;
    console.log(`acked ${acked}`);
  }));
  if (n % 8 === 7) await answers.at(-4);
}
await Promise.all(answers);
await until(client, () => client.version === begin + EDITS);
const log = await gestureIds(timeline);
for (const id of ids) assert.equal(log.filter((one) => one === id).length, 1, id);
assert.deepEqual(plain(client.state), plain(await stored(timeline)));
assert.equal(client.state.find("a")?.value["duration"], (100 - EDITS) * F);
assert.ok(offline > 0, "the service was never away");
client.close();
console.log("whole");
process.exit(0);
