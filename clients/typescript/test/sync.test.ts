/** Laws of the sync core, against a service in memory that tests drive frame by frame. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Sync, TimelineState, type Change, type Gesture, type ServerFrame, type StoredBatch } from "../src/index.js";
import { preview } from "../src/preview.js";
import { plain } from "./golden.js";
import { clipChange, F, Party, Service, trim, viewOf } from "./scripted.js";

function made(): { service: Service; ann: Party; bob: Party } {
  const service = new Service();
  const clips = [clipChange("a", "v1", 0, 100), clipChange("b", "v1", 100, 100), clipChange("c", "v1", 300, 50)];
  service.commit("setup", "clips", { type: "add_clip" }, clips);
  const [ann, bob] = ["ann", "bob"].map((name) => party(service, name)) as [Party, Party];
  for (const one of [ann, bob]) {
    one.connect();
    one.rest();
  }
  return { service, ann, bob };
}

function party(service: Service, name: string, stored: readonly StoredBatch[] = []): Party {
  return new Party(new Sync({ timelineId: "timeline", clientId: name, tabId: "1" }, stored), service);
}

function duration(one: Party, clip: string, where: "state" | "confirmed" = "state"): number {
  return (one.core[where].find(clip)?.value["duration"] as number) / F;
}

test("a snapshot gives the state that the log folds to", () => {
  const { service, ann } = made();
  assert.deepEqual(plain(ann.core.confirmed), plain(service.state));
  assert.deepEqual(plain(ann.core.state), plain(service.state));
  assert.equal(ann.core.version, 3);
});

test("a snapshot in many parts is the same", () => {
  const { service } = made();
  service.partRecords = 1;
  const cleo = party(service, "cleo");
  cleo.connect();
  cleo.rest();
  assert.deepEqual(plain(cleo.core.state), plain(service.state));
});

test("what is asked is drawn at once, and stays when it is committed, whichever of result and event comes first", () => {
  for (const resultFirst of [true, false]) {
    const { ann } = made();
    ann.push([trim("a", -10)], "one");
    assert.equal(duration(ann, "a"), 90);
    assert.equal(duration(ann, "a", "confirmed"), 100);
    assert.equal(ann.core.pendingCount, 1);
    ann.sendOne();
    assert.equal(ann.line?.down.length, 2);
    if (!resultFirst) ann.line?.down.reverse();
    ann.receiveOne();
    assert.equal(duration(ann, "a"), 90, "no flicker between the two");
    ann.receiveOne();
    assert.equal(duration(ann, "a"), 90);
    assert.equal(duration(ann, "a", "confirmed"), 90);
    assert.equal(ann.core.pendingCount, 0);
    assert.equal(ann.settled.get("one")?.[0]?.how, "committed");
  }
});

test("a refused gesture is taken back, and told", () => {
  const { service, ann, bob } = made();
  ann.push([trim("a", -95)], "one");
  ann.push([trim("a", -4)], "two");
  assert.equal(duration(ann, "a"), 1);
  bob.push([trim("a", -3)], "bobs");
  bob.rest();
  ann.rest();
  assert.equal(service.state.find("a")?.value["duration"], 2 * F);
  assert.equal(duration(ann, "a"), 2);
  assert.deepEqual(plain(ann.core.state), plain(service.state));
  const [refused] = ann.effects("refused");
  assert.ok(refused?.do === "refused" && refused.batch === "two" && refused.result.code === "too_short");
  assert.equal(ann.settled.get("two")?.[0]?.ok, false);
});

test("others' events are laid under what is pending", () => {
  const { ann, bob } = made();
  ann.push([trim("a", -10)], "one");
  bob.push([trim("b", -20)], "bobs");
  bob.rest();
  ann.receiveOne();
  assert.deepEqual([duration(ann, "a"), duration(ann, "b")], [90, 80]);
  assert.deepEqual([duration(ann, "a", "confirmed"), duration(ann, "b", "confirmed")], [100, 80]);
});

test("an atomic batch of which one gesture is refused draws nothing; otherwise each stands alone", () => {
  const { ann } = made();
  ann.push([trim("a", -10), trim("b", -200)], "atomic");
  assert.deepEqual([duration(ann, "a"), duration(ann, "b")], [100, 100]);
  ann.push([trim("a", -10), trim("b", -200)], "each", { atomic: false });
  assert.deepEqual([duration(ann, "a"), duration(ann, "b")], [90, 100]);
});

test("what cannot be decided here draws nothing, and what follows it may still draw", () => {
  const { ann } = made();
  ann.push([{ type: "ripple_delete", clip_ids: ["a"] }, trim("b", -5)], "one");
  assert.deepEqual([duration(ann, "a"), duration(ann, "b")], [100, 95]);
});

test("a gap is pulled, frames that repeat are passed over", () => {
  const { service, ann, bob } = made();
  for (let n = 0; n < 6; n++) bob.push([trim("b", -1)], `bobs ${n}`);
  bob.rest();
  const down = ann.line?.down as ServerFrame[];
  down.splice(0, 3);
  down.push(...down.slice(0, 1));
  ann.rest();
  assert.deepEqual(plain(ann.core.confirmed), plain(service.state));
  assert.equal(ann.effects("send").filter((one) => one.do === "send" && one.frame.t === "pull").length, 1);
});

test("a resync is pulled to the end", () => {
  const { service, ann, bob } = made();
  for (let n = 0; n < 4; n++) bob.push([trim("b", -1)], `bobs ${n}`);
  bob.rest();
  const down = ann.line?.down as ServerFrame[];
  down.splice(0, down.length, { t: "resync", reason: "gap", after_version: 3 });
  ann.rest();
  assert.deepEqual(plain(ann.core.confirmed), plain(service.state));
});

test("a large event is fetched, and what comes behind it waits", () => {
  const { service, ann, bob } = made();
  bob.push([trim("b", -1)], "one");
  bob.push([trim("b", -1)], "two");
  bob.rest();
  for (const frame of ann.line?.down ?? []) {
    if (frame.t === "events" && frame.from === 4) frame.items[0] = { version: 4, size: 70_000, by_ref: true };
  }
  ann.rest();
  assert.equal(ann.effects("fetch").length, 1);
  assert.deepEqual(plain(ann.core.confirmed), plain(service.state));
});

test("too many: everything is asked again in its order, after the pause", () => {
  const { service, ann } = made();
  service.busy = 1;
  ann.push([{ type: "split", clip_id: "c", at: 320, new_id: "d" }], "one");
  ann.push([trim("d", -1)], "two");
  ann.rest();
  const [pause] = ann.effects("pause");
  assert.ok(pause?.do === "pause" && pause.ms === 70);
  assert.equal(ann.settled.size, 0, "the refusal of the second was owed to the first");
  assert.equal(ann.effects("refused").length, 0);
  assert.equal(duration(ann, "d"), 29);
  ann.carryOut(ann.core.resume());
  ann.rest();
  assert.equal(ann.settled.size, 2);
  assert.equal(service.state.find("d")?.value["duration"], 29 * F);
  assert.deepEqual(plain(ann.core.state), plain(service.state));
});

test("no more than the service takes at once is on its way", () => {
  const { service, ann } = made();
  for (let n = 0; n < 10; n++) ann.push([trim("a", -1)], `${n}`);
  assert.equal(ann.line?.up.length, 4);
  ann.rest();
  assert.equal(ann.settled.size, 10);
  assert.equal(service.state.find("a")?.value["duration"], 90 * F);
});

test("after a lost connection what has no answer is asked again, and committed once", () => {
  const { service, ann } = made();
  ann.push([trim("a", -10)], "one");
  ann.push([trim("a", -10)], "two");
  ann.sendOne();
  ann.disconnect();
  assert.equal(duration(ann, "a"), 80);
  ann.push([trim("a", -1)], "three");
  ann.connect();
  ann.rest();
  assert.equal(ann.settled.get("one")?.[0]?.how, "duplicate");
  assert.equal(service.state.find("a")?.value["duration"], 79 * F);
  assert.equal(service.log.length, 6);
  assert.deepEqual(plain(ann.core.state), plain(service.state));
});

test("a result that was lost is told from the event", () => {
  const { ann } = made();
  ann.push([trim("a", -10)], "one");
  ann.sendOne();
  ann.line?.down.shift();
  ann.receiveOne();
  assert.equal(ann.core.version, 4);
  assert.equal(ann.settled.size, 0);
  ann.disconnect();
  assert.equal(ann.settled.get("one")?.[0]?.version, 4);
  assert.equal(ann.core.pendingCount, 0);
});

test("a queue that was kept goes on under its numbers and is committed once", () => {
  const { service, ann } = made();
  const kept: StoredBatch[] = [];
  ann.disconnect();
  for (const batch of ["one", "two"]) {
    const seq = ann.core.number(1);
    const stored = { batch, seq, atomic: true, base: 3, gestures: [{ ...trim("a", -10, `g-${batch}`), seq }] };
    kept.push(stored);
    ann.carryOut(ann.core.push(stored));
  }
  ann.connect();
  ann.sendOne();
  while (ann.receiveOne());
  ann.sendOne(); // the first is committed; then the window dies
  service.leave(ann.line as never);
  const again = party(service, "ann", kept);
  again.connect();
  again.sendOne();
  while (again.receiveOne());
  assert.equal(duration(again, "a"), 80, "what last_seq says is committed is not drawn twice");
  again.rest();
  assert.deepEqual([...again.settled.values()].map(([one]) => one?.how), ["duplicate", "committed"]);
  assert.equal(service.state.find("a")?.value["duration"], 80 * F);
  assert.equal(again.core.number(1), 3);
});

test("an event that cannot be folded is never skipped: everything is asked for anew", () => {
  const { service, ann } = made();
  const change = { op: "melt", id: "a" } as unknown as Change;
  const item = { ...service.log[2], version: 4, gesture_id: "x", changes: [change] } as never;
  ann.carryOut(ann.core.receive({ t: "events", from: 4, to: 4, items: [item] }));
  assert.equal(ann.effects("restart").length, 1);
  assert.equal(ann.core.version, 0);
  assert.equal(ann.core.hello("t").after_version, undefined);
});

test("presence, leases and undo are kept as they are told", () => {
  const { ann } = made();
  const actor = { id: "bob", name: "bob" };
  const peer = { session_id: "s9", actor, role: "editor" };
  const hear = (frame: ServerFrame): void => ann.carryOut(ann.core.receive(frame));
  hear({ t: "presence", ...peer, here: true });
  hear({ t: "presence", ...peer, playhead: 5, selection: ["a"] });
  assert.deepEqual(ann.core.peers.get("s9"), { ...peer, playhead: 5, selection: ["a"] });
  hear({ t: "presence", ...peer, playhead: 6 });
  assert.deepEqual(ann.core.peers.get("s9"), { ...peer, playhead: 6 }, "what it leaves out is not so any more");
  hear({ t: "lease", record: "a", holder: { session_id: "s9", actor }, until: "2026-01-01T00:00:00Z", ttl_ms: 15_000 });
  assert.equal(ann.core.leases.get("a")?.holder.session_id, "s9");
  hear({ t: "lease", record: "a", holder: null, until: null, ttl_ms: null });
  assert.equal(ann.core.leases.size, 0);
  hear({ t: "presence", ...peer, here: false });
  assert.equal(ann.core.peers.size, 0);
  ann.carryOut(ann.core.flip({ t: "undo", batch: "u", gesture_id: "u1" }));
  const undo = { can_undo: false, can_redo: true, label: null };
  hear({ t: "result", batch: "u", head: 3, r: [], undo });
  assert.deepEqual(ann.core.undoState, undo);
  assert.equal(ann.effects("answered").length, 1);
});

test("a frame of a kind that is not known changes nothing", () => {
  const { ann } = made();
  const before = plain(ann.core.state);
  ann.carryOut(ann.core.receive({ t: "weather" } as unknown as ServerFrame));
  assert.deepEqual(plain(ann.core.state), before);
});

test("a preview says what a drag would change, and changes nothing", () => {
  const { ann } = made();
  ann.push([trim("a", -10)], "one");
  const before = plain(ann.core.state);
  const move: Gesture = { type: "move", clip_ids: ["c"], delta: 5 };
  assert.deepEqual(preview(ann.core.state, [move], "drag").records, { c: { start: 305 * F } });
  assert.deepEqual(preview(ann.core.state, [move, trim("c", -1)], "drag"), {
    transaction_id: "drag", records: { c: { start: 305 * F, duration: 49 * F } },
  });
  assert.deepEqual(plain(ann.core.state), before);
  ann.rest();
  assert.deepEqual(plain(ann.core.state), plain(ann.service.state));
});

test("what was accepted, and came with a snapshot instead of its event, is not drawn a second time", () => {
  const { service, ann } = made();
  service.replayMost = -1;
  ann.push([trim("a", -10)], "one");
  ann.sendOne();
  ann.receiveOne(); // the result; the event is lost with the connection
  ann.disconnect();
  service.lastSeq.clear();
  ann.connect();
  ann.rest();
  assert.equal(ann.core.session?.mode, "snapshot");
  assert.equal(duration(ann, "a"), 90);
});

test("one gap after the other is pulled", () => {
  const { service, ann, bob } = made();
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 3; n++) bob.push([trim("b", -1)], `bobs ${round} ${n}`);
    bob.rest();
    ann.line?.down.splice(0, 2);
    ann.rest();
    assert.equal(ann.core.version, service.state.version);
  }
});

test("while a snapshot is fetched events wait for it", () => {
  const { service, ann, bob } = made();
  ann.disconnect();
  service.replayMost = -1;
  ann.connect();
  ann.sendOne();
  const down = ann.line?.down as ServerFrame[];
  down.splice(1, down.length - 1, { t: "snapshot", version: 3, part: 1, parts: 1, url: "/there" });
  bob.push([{ type: "split", clip_id: "b", at: 150, new_id: "b2" }], "one");
  bob.push([trim("b2", -1)], "two");
  bob.rest();
  while (ann.receiveOne());
  assert.equal(ann.core.version, 3, "the events have come, and wait");
  assert.ok(ann.effects("fetch").some((one) => one.do === "fetch" && one.what === "snapshot" && one.url === "/there"));
  const old = new TimelineState();
  for (const item of service.log.slice(0, 3)) old.take(item.changes);
  ann.carryOut(ann.core.fetchedSnapshot(viewOf(old)));
  assert.equal(ann.core.version, 5);
  assert.deepEqual(plain(ann.core.state), plain(service.state));
});

test("what I may take back is what was told of the newest version, whatever comes late", () => {
  const { service, ann } = made();
  const undo = { can_undo: false, can_redo: true, label: null };
  ann.push([trim("a", -10)], "one");
  ann.sendOne();
  ann.carryOut(ann.core.flip({ t: "undo", batch: "u", gesture_id: "u1" }));
  const item = service.commit("ann", "u1", { type: "undo" }, [{ op: "set", kind: "clip", id: "a", fields: { duration: [90 * F, 100 * F] } }]);
  item.cause = { kind: "undo", versions: [4] };
  ann.carryOut(ann.core.receive({ t: "result", batch: "u", head: 5, r: [], undo }));
  ann.carryOut(ann.core.receive(service.events(3, 5)));
  assert.equal(ann.core.version, 5);
  assert.deepEqual(ann.core.undoState, undo, "events up to there say nothing new");
});

test("another window of mine takes back and does again: so can I", () => {
  const { service, ann } = made();
  const write = (id: string, to: number, kind?: string): void => {
    const change = { op: "set", kind: "clip", id: "a", fields: { duration: [100 * F, to * F] } } as const;
    const item = service.commit("ann", id, { type: kind ?? "trim" }, [change]);
    if (kind !== undefined) item.cause = { kind, versions: [4] };
    ann.carryOut(ann.core.receive(service.events(item.version - 1, item.version)));
  };
  write("w1", 90);
  assert.deepEqual(ann.core.undoState, { can_undo: true, can_redo: false, label: "trim by ann" });
  write("w2", 100, "undo");
  assert.deepEqual(ann.core.undoState, { can_undo: true, can_redo: true, label: null });
});

test("a batch is sent again as a whole, also where an event of it has come", () => {
  const { service, ann } = made();
  ann.push([trim("a", -10), { type: "rename", id: "b", name: "b" }, trim("c", -1)], "one");
  ann.sendOne();
  ann.carryOut(ann.core.receive(service.events(3, 4)));
  ann.disconnect();
  ann.connect();
  ann.sendOne();
  ann.receiveOne();
  const again = ann.line?.up.at(-1);
  assert.ok(again?.t === "push");
  assert.deepEqual(again.gestures.map((one) => one.gesture_id), ["one.0", "one.1", "one.2"]);
  ann.rest();
  assert.deepEqual(plain(ann.core.state), plain(service.state));
  assert.equal(ann.settled.get("one")?.length, 3);
});

test("what was no message is refused as what it was: it would wait for ever", () => {
  const { ann } = made();
  ann.push([trim("a", -10), trim("b", -1)], "odd");
  ann.carryOut(ann.core.flip({ t: "undo", batch: "u", gesture_id: "u1" }));
  const error = { t: "error", code: "text_not_storable", message: "no", details: {} } as const;
  ann.carryOut(ann.core.receive(error));
  assert.equal(ann.core.pendingCount, 3, "nobody knows what it was about");
  ann.carryOut(ann.core.receive({ ...error, details: { batch: "odd" } }));
  ann.carryOut(ann.core.receive({ ...error, details: { batch: "u" } }));
  assert.equal(ann.core.pendingCount, 0);
  assert.equal(duration(ann, "a"), 100);
  assert.deepEqual(ann.effects("refused").map((one) => one.do === "refused" && one.result.code), ["text_not_storable", "text_not_storable"]);
  assert.equal(ann.effects("answered").length, 1);
});

test("a restored backup: what was answered is past, and versions of the old log say nothing", () => {
  const { service, ann } = made();
  ann.push([trim("a", -10)], "one");
  ann.sendOne();
  ann.receiveOne(); // the result; its event is lost with the connection and with the log
  ann.disconnect();
  ann.push([trim("b", -10)], "two");
  const fresh = new Service();
  fresh.commit("setup", "clips", { type: "add_clip" }, [clipChange("a", "v1", 0, 100), clipChange("b", "v1", 100, 100)]);
  fresh.replayMost = -1;
  fresh.epoch = "1";
  const again = new Party(ann.core, fresh);
  again.connect();
  again.sendOne();
  while (again.receiveOne());
  assert.equal(duration(again, "a"), 100, "what the backup does not have is not drawn");
  const push = again.line?.up.at(-1);
  assert.ok(push?.t === "push" && push.batch === "two" && push.base === undefined);
  again.rest();
  assert.deepEqual(plain(ann.core.state), plain(fresh.state));
  assert.equal(service.log.length, 4);
});

test("a gesture that the rules here stumble over is left to the service, and stops no other", () => {
  const { ann } = made();
  const odd = new Proxy(trim("a", -1, "odd"), { ownKeys: () => { throw new TypeError("mine"); } });
  ann.carryOut(ann.core.push({ batch: "odd", seq: ann.core.number(1), atomic: true, gestures: [odd] }));
  ann.push([trim("b", -10)], "two");
  assert.equal(duration(ann, "a"), 100);
  assert.equal(duration(ann, "b"), 90);
});

test("however much lies behind a gap, the gap is closed", () => {
  const { service, ann } = made();
  for (let n = 0; n < 2_300; n++) {
    const fields = { duration: [(100 + n) * F, (101 + n) * F] };
    service.commit("bob", `b${n}`, { type: "trim" }, [{ op: "set", kind: "clip", id: "c", fields }]);
  }
  for (let at = 10; at < 2_303; at += 100) ann.carryOut(ann.core.receive(service.events(at, at + 100)));
  ann.rest();
  assert.equal(ann.core.version, 2_303);
});
