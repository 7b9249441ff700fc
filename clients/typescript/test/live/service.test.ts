/** The client against the real service: PostgreSQL, Valkey, HTTP and WebSocket. */

import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { ApiError, type Refusal } from "../../src/index.js";
import { plain } from "../golden.js";
import {
  addClip, apiOf, clientOf, connected, F, FileQueue, gestureIds, newTimeline, stored, trim, until,
} from "./stage.js";

function folder(): string {
  return mkdtempSync(join(tmpdir(), "timeline-queue-"));
}

test("a snapshot and the events after it are what the service stores", async () => {
  const timeline = await newTimeline();
  const client = await connected(clientOf("owner", timeline));
  assert.deepEqual(plain(client.confirmed), plain(await stored(timeline)));
  const pushed = client.push([{ type: "split", clip_id: "a", at: 40, new_id: "a2" }, trim("a2", -10)]);
  assert.equal(client.state.find("a2")?.value["duration"], 50 * F, "drawn before the service has heard of it");
  assert.equal(client.confirmed.find("a2"), undefined);
  const results = await pushed.done;
  assert.deepEqual(results.map((one) => [one.ok, one.how]), [[true, "committed"], [true, "committed"]]);
  await until(client, () => client.version === 6);
  assert.deepEqual(plain(client.state), plain(await stored(timeline)));
  assert.equal(client.pendingCount, 0);
  client.close();
  assert.equal(client.status, "closed");
});

test("two clients converge while both edit", async () => {
  const timeline = await newTimeline();
  const [ann, bob] = [clientOf("owner", timeline), clientOf("editor", timeline)];
  await Promise.all([connected(ann), connected(bob)]);
  const asked: Promise<unknown>[] = [];
  for (let n = 0; n < 25; n++) {
    asked.push(ann.push([trim("a", -1)]).done, bob.push([trim("b", -2)]).done);
    asked.push(ann.push([{ type: "rename", id: "b", name: `ann ${n}` }]).done);
    asked.push(bob.push([{ type: "rename", id: "b", name: `bob ${n}` }]).done);
    asked.push(bob.push([{ type: "add_marker", marker_id: `m${n}`, time: n }]).done);
  }
  await Promise.all(asked);
  const head = 4 + asked.length;
  await Promise.all([ann, bob].map((one) => until(one, () => one.version === head)));
  const truth = plain(await stored(timeline));
  for (const one of [ann, bob]) {
    assert.deepEqual(plain(one.state), truth);
    assert.deepEqual(plain(one.confirmed), truth);
  }
  assert.equal(ann.state.find("a")?.value["duration"], 75 * F);
  assert.equal(ann.state.find("b")?.value["duration"], 50 * F);
  ann.close();
  bob.close();
});

test("a refused gesture is taken back and told, with the code of the service", async () => {
  const timeline = await newTimeline();
  const [ann, bob] = [clientOf("owner", timeline), clientOf("editor", timeline)];
  await Promise.all([connected(ann), connected(bob)]);
  const told: Refusal[] = [];
  ann.on("refused", (refusal) => told.push(refusal));
  await bob.push([trim("a", -60)]).done;
  const stale = ann.push([trim("a", -60)], { expect: { "clip.a.duration": 100 * F } });
  const [result] = await stale.done;
  await until(ann, () => ann.version === 5);
  assert.equal(result?.code, "stale_field");
  assert.equal(told[0]?.gesture.type, "trim");
  assert.equal(ann.state.find("a")?.value["duration"], 40 * F);
  const [overlap] = await ann.push([{ type: "move", clip_ids: ["b"], delta: -90 }]).done;
  assert.equal(overlap?.code, "overlap");
  assert.deepEqual(plain(ann.state), plain(await stored(timeline)));
  ann.close();
  bob.close();
});

test("a queue survives the end of its window, and nothing in it is committed twice", async () => {
  const timeline = await newTimeline();
  const path = join(folder(), "queue.json");
  const first = clientOf("owner", timeline, { store: new FileQueue(path) });
  await first.ready();
  first.push([addClip("c", 300)]);
  first.push([trim("c", -10)]);
  assert.equal(first.pendingCount, 2);
  first.close();

  const second = clientOf("owner", timeline, { store: new FileQueue(path) });
  await second.ready();
  assert.equal(second.pendingCount, 2);
  await connected(second);
  await until(second, () => second.pendingCount === 0);
  assert.equal((await stored(timeline)).find("c")?.value["duration"], 90 * F);
  second.push([trim("c", -5)]);
  second.close(); // before the answer, whether it was sent or not

  const third = await connected(clientOf("owner", timeline, { store: new FileQueue(path) }));
  await until(third, () => third.pendingCount === 0);
  assert.equal((await stored(timeline)).find("c")?.value["duration"], 85 * F);
  const last = new FileQueue(path);
  assert.deepEqual((await last.open()).batches, []);
  const ids = await gestureIds(timeline);
  assert.equal(ids.length, 7);
  assert.equal(new Set(ids).size, ids.length);
  third.close();
});

test("undo, redo and restore go to the service, and say what can be done next", async () => {
  const timeline = await newTimeline();
  const client = await connected(clientOf("owner", timeline));
  await client.push([trim("a", -30)], { transaction: { id: "drag-1", label: "Trim" } }).done;
  await client.push([trim("a", -30)], { transaction: { id: "drag-1", phase: "commit" } }).done;
  const undone = await client.undo();
  assert.equal(undone.r[0]?.ok, true);
  await until(client, () => client.version === 7);
  assert.equal(client.state.find("a")?.value["duration"], 100 * F);
  assert.equal(client.undoState.can_redo, true);
  const redone = await client.redo();
  assert.equal(redone.r[0]?.ok, true);
  await until(client, () => client.version === 8);
  assert.equal(client.state.find("a")?.value["duration"], 40 * F);
  const dry = await client.undo({ dry_run: true });
  assert.equal(dry.r[0]?.how, "dry_run");
  const restored = await client.restore(4);
  assert.equal(restored.r[0]?.ok, true);
  await until(client, () => client.version === 9);
  const [one, other] = [await stored(timeline), await stored(timeline, 4)];
  assert.deepEqual(plain(client.state), plain(one));
  assert.deepEqual(plain(one), plain(other));
  client.close();
});

test("others see where I am, what I drag, and that I go", async () => {
  const timeline = await newTimeline();
  const [ann, bob] = [clientOf("owner", timeline), clientOf("editor", timeline)];
  await Promise.all([connected(ann), connected(bob)]);
  const session = ann.session?.session_id as string;
  await until(bob, () => bob.peers.has(session));
  ann.presence({ playhead: F, selection: ["a"], preview: { records: { a: { start: F } } } });
  for (let n = 2; n <= 9; n++) ann.presence({ playhead: n * F, preview: { records: { a: { start: n * F } } } });
  await until(bob, () => bob.peers.get(session)?.playhead === 9 * F);
  assert.deepEqual(bob.peers.get(session)?.preview?.records, { a: { start: 9 * F } });
  ann.close();
  await until(bob, () => !bob.peers.has(session));
  bob.close();
});

test("a record is held, seen to be held, and given back", async () => {
  const timeline = await newTimeline();
  const [ann, bob] = [clientOf("owner", timeline), clientOf("editor", timeline)];
  await Promise.all([connected(ann), connected(bob)]);
  const held = await ann.lease("a", "acquire", { ttl_ms: 20_000 });
  assert.equal(held.granted, true);
  await until(bob, () => bob.leases.get("a")?.holder.session_id === ann.session?.session_id);
  assert.equal((await bob.lease("a", "acquire")).granted, false);
  const [refused] = await bob.push([trim("a", -1)]).done;
  assert.deepEqual([refused?.ok, refused?.code], [false, "leased"]);
  await ann.lease("a", "release");
  await until(bob, () => !bob.leases.has("a"));
  const [accepted] = await bob.push([trim("a", -1)]).done;
  assert.equal(accepted?.ok, true);
  ann.close();
  bob.close();
});

test("a ticket opens the stream, once for each connection", async () => {
  const timeline = await newTimeline();
  const api = apiOf("owner");
  const client = await connected(clientOf("owner", timeline, { ticket: () => api.ticket(timeline) }));
  client.close();
});

test("a stranger is told so, and does not come back", async () => {
  const client = clientOf("owner", "01937a4e-0000-7000-8000-000000000002");
  client.connect();
  await until(client, () => client.status === "closed");
  assert.equal(client.closeReason, "forbidden");
});

test("an old state is brought up to date by replay, a far one by a snapshot", async () => {
  const timeline = await newTimeline();
  const client = await connected(clientOf("owner", timeline));
  const api = apiOf("owner");
  const many = Array.from({ length: 40 }, (_, n) => ({ type: "rename", id: "a", name: `${n}` }) as const);
  for (let n = 0; n < 15; n++) await api.gestures(timeline, many);
  await until(client, () => client.version === 604);
  assert.equal(client.state.find("a")?.value["name"], "39");
  const late = await connected(clientOf("editor", timeline));
  await until(late, () => late.version === 604);
  assert.equal(late.session?.mode, "snapshot");
  assert.deepEqual(plain(late.state), plain(client.state));
  client.close();
  late.close();
});

test("a large timeline comes in parts or by its address, a large event by its own", async () => {
  const timeline = await newTimeline();
  const client = await connected(clientOf("owner", timeline));
  const api = apiOf("owner");
  for (let n = 0; n < 8; n++) {
    const text = "x".repeat(1000);
    const metadata = Object.fromEntries(Array.from({ length: 70 }, (_, key) => [`${n}-${key}`, text]));
    await api.gestures(timeline, [{ type: "set_metadata", id: "a", metadata }]);
  }
  await until(client, () => client.version === 12);
  const middle = await connected(clientOf("editor", timeline));
  assert.deepEqual(plain(middle.state), plain(await stored(timeline)));
  middle.close();
  for (let n = 0; n < 12; n++) {
    const clips = Array.from({ length: 100 }, (_, at) => addClip(`c${n}-${at}`, 1000 + n * 100 + at, 1));
    await api.gestures(timeline, clips);
  }
  const late = await connected(clientOf("editor", timeline));
  assert.equal(late.session?.mode, "snapshot");
  assert.deepEqual(plain(late.state), plain(await stored(timeline)));
  assert.ok(late.state.records.size > 1200);
  await until(client, () => client.version === 1212);
  assert.deepEqual(plain(client.state), plain(late.state));
  client.close();
  late.close();
});

test("requests over HTTP have types and say why they are refused", async () => {
  const timeline = await newTimeline();
  const api = apiOf("owner");
  const answer = await api.gestures(timeline, [trim("a", -10)], { dry_run: true });
  assert.equal(answer.results[0]?.how, "dry_run");
  await api.gestures(timeline, [trim("a", -10)]);
  assert.equal((await api.events(timeline, { limit: 2 })).items.length, 2);
  assert.equal((await api.event(timeline, 5)).type, "trim");
  assert.equal((await api.state(timeline, 4)).version, 4);
  assert.ok(await api.diff(timeline, { from: 4, to: 5 }));
  assert.ok(await api.otio(timeline));
  await api.undo(timeline);
  assert.deepEqual((await api.exports(timeline)).items, []);
  await assert.rejects(
    api.gestures(timeline, [trim("nowhere", -1)]),
    (error: unknown) => error instanceof ApiError && error.code === "clip_missing" && error.status === 409,
  );
});

test("a file is put into a workspace part by part", async () => {
  const api = apiOf("owner");
  const file = Object.assign(new Blob([new Uint8Array(70_000)]), { name: "nothing.bin" });
  const told: number[] = [];
  const asset = await api.upload(process.env["WORKSPACE_ID"] as string, file, (sent) => told.push(sent));
  assert.equal(told.at(-1), 70_000);
  assert.equal((await api.asset(asset.id)).id, asset.id);
});
