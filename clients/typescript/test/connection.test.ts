/** How connections come and go: close codes, backoff, pings, drains; the clock is turned by hand. */

import assert from "node:assert/strict";
import { mock, test, type TestContext } from "node:test";

import { MemoryQueue, Stopped, TimelineClient, type ClientFrame, type ClientOptions, type Gesture, type Welcome } from "../src/index.js";
import { Service } from "./scripted.js";

/** A socket whose other end is the test. */
class Wire extends EventTarget {
  static made: Wire[] = [];
  readyState = 0;
  readonly said: ClientFrame[] = [];

  constructor(readonly address: string) {
    super();
    Wire.made.push(this);
  }

  static get last(): Wire {
    return Wire.made.at(-1) as Wire;
  }

  send(text: string): void {
    this.said.push(JSON.parse(text) as ClientFrame);
  }

  close(): void {
    this.readyState = 3;
  }

  opens(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  says(frame: unknown): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
  }

  closes(code: number): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  welcomes(session = "s1"): void {
    this.opens();
    const welcome: Welcome = {
      t: "welcome", proto: 1, session_id: session, actor: { id: "ann", name: "ann" }, role: "editor", timeline_id: "t",
      head: 2, epoch: "0", mode: "snapshot", limits: { inflight: 4, gestures_s: 60, burst: 500, frame_kb: 1 },
      ping_ms: 10_000, undo: { can_undo: false, can_redo: false, label: null }, peers: [], last_seq: 0, leases: [],
    };
    this.says(welcome);
    for (const part of new Service().snapshot()) this.says(part);
  }
}

async function made(t: TestContext, options: Partial<ClientOptions> = {}): Promise<TimelineClient> {
  Wire.made = [];
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const client = new TimelineClient({
    url: "http://host", timelineId: "t", token: () => Promise.resolve("jwt"), socket: Wire as unknown as typeof WebSocket,
    backoff: { first: 100, longest: 1000, random: () => 1 }, ...options,
  });
  t.after(() => {
    client.close();
    mock.timers.reset();
  });
  client.connect();
  await soon();
  return client;
}

/** Promises that are settled have told so. */
async function soon(): Promise<void> {
  for (let n = 0; n < 20; n++) await Promise.resolve();
}

async function later(ms: number): Promise<void> {
  mock.timers.tick(ms);
  await soon();
}

test("hello is said first, with the token; a welcome opens", async (t) => {
  const client = await made(t);
  assert.equal(Wire.last.address, "ws://host/api/v1/timelines/t/stream");
  assert.equal(client.status, "connecting");
  Wire.last.opens();
  const hello = Wire.last.said[0];
  assert.ok(hello?.t === "hello" && hello.token === "jwt" && hello.after_version === undefined && hello.schema === 1);
  Wire.last.welcomes();
  assert.equal(client.status, "open");
  assert.equal(client.version, 2);
});

test("a lost connection is opened again, later each time, from the version that is known", async (t) => {
  const client = await made(t);
  Wire.last.welcomes();
  Wire.last.closes(1006);
  assert.equal(client.status, "offline");
  assert.equal(client.session, null);
  for (const wait of [100, 200, 400]) {
    const before = Wire.made.length;
    await later(wait - 1);
    assert.equal(Wire.made.length, before);
    await later(1);
    assert.equal(Wire.made.length, before + 1);
    Wire.last.closes(1006);
  }
  await later(800);
  Wire.last.opens();
  const hello = Wire.last.said[0];
  assert.ok(hello?.t === "hello" && hello.after_version === 2 && hello.epoch === "0");
});

test("some closes are for good, and say why", async (t) => {
  for (const [code, reason] of [[4400, "protocol"], [4403, "forbidden"], [4409, "replaced"], [4410, "too_old"]] as const) {
    const client = await made(t);
    Wire.last.welcomes();
    Wire.last.closes(code);
    assert.deepEqual([client.status, client.closeReason], ["closed", reason]);
    await later(60_000);
    assert.equal(Wire.made.length, 1);
    client.close();
    mock.timers.reset();
  }
});

test("a token that is refused is asked for again, three times", async (t) => {
  let asked = 0;
  const client = await made(t, { token: () => Promise.resolve(`jwt ${++asked}`) });
  for (const _ of [1, 2, 3]) {
    Wire.last.opens();
    Wire.last.closes(4401);
    await later(5_000);
  }
  assert.equal(asked, 3);
  assert.deepEqual([client.status, client.closeReason], ["closed", "unauthenticated"]);
});

test("a token that cannot be had is asked for again later", async (t) => {
  let asked = 0;
  const client = await made(t, { token: () => (++asked < 3 ? Promise.reject(new Error("no network")) : Promise.resolve("j")) });
  assert.deepEqual([client.status, client.closeReason], ["offline", "no network"]);
  await later(100);
  await later(200);
  assert.equal(Wire.made.length, 1);
});

test("who drains says when to come back; who floods waits", async (t) => {
  await made(t);
  Wire.last.welcomes();
  Wire.last.says({ t: "drain", reconnect_ms: 30 });
  Wire.last.closes(4503);
  await later(30);
  assert.equal(Wire.made.length, 2);
  Wire.last.welcomes();
  Wire.last.closes(4429);
  await later(5_099);
  assert.equal(Wire.made.length, 2);
  await later(1);
  assert.equal(Wire.made.length, 3);
});

test("a ping without an answer for twenty seconds is the end of a connection, an answer is not", async (t) => {
  const client = await made(t);
  Wire.last.welcomes();
  await later(10_000);
  const ping = Wire.last.said.at(-1);
  assert.ok(ping?.t === "ping");
  Wire.last.says({ t: "pong", n: ping.n });
  await later(10_000);
  await later(19_999);
  assert.equal(client.status, "open");
  await later(1);
  assert.equal(client.status, "offline");
  await later(100);
  assert.equal(Wire.made.length, 2);
});

test("a service that says nothing is left, too", async (t) => {
  const client = await made(t);
  Wire.last.opens();
  await later(20_000);
  assert.equal(client.status, "offline");
});

test("a push without a connection waits and is sent; one that is too large or empty is none", async (t) => {
  const client = await made(t);
  const pushed = client.push([{ type: "rename", id: "timeline", name: "Cut 2" }]);
  assert.equal(client.pendingCount, 1);
  assert.throws(() => client.push([]), RangeError);
  Wire.last.welcomes();
  const push = Wire.last.said.at(-1);
  assert.ok(push?.t === "push" && push.batch === pushed.batch && push.base === undefined);
  assert.equal(client.state.find("timeline")?.value["name"], "Cut 2");
  assert.throws(() => client.push([{ type: "rename", id: "timeline", name: "x".repeat(2000) }]), RangeError);
  const id = push.gestures[0]?.gesture_id as string;
  Wire.last.says({ t: "result", batch: push.batch, head: 2, r: [{ gesture_id: id, ok: false, code: "no", retry: false }] });
  assert.equal((await pushed.done)[0]?.code, "no");
  assert.equal(client.state.find("timeline")?.value["name"], "Cut");
});

test("presence is told at once, and then no more often than anybody looks", async (t) => {
  const client = await made(t);
  Wire.last.welcomes();
  for (let n = 0; n < 50; n++) client.presence({ playhead: n });
  await later(33);
  await later(33);
  const told = Wire.last.said.filter((frame) => frame.t === "presence");
  assert.deepEqual(told.map((frame) => frame.t === "presence" && frame.playhead), [0, 49]);
});

test("leases that cannot be had now are answered so", async (t) => {
  const client = await made(t);
  assert.deepEqual(await client.lease("a", "acquire"), { granted: false, lease: null });
  Wire.last.welcomes();
  const asked = client.lease("a", "acquire");
  const another = client.lease("b", "acquire");
  Wire.last.says({ t: "error", code: "forbidden", message: "", details: { record: "b" } });
  assert.equal((await another).granted, false, "a viewer's");
  Wire.last.says({ t: "error", code: "leases_unavailable", message: "", details: { record: "a" } });
  assert.equal((await asked).granted, false);
  const holder = { session_id: "s1", actor: { id: "ann", name: "ann" } };
  const held = client.lease("a", "acquire");
  Wire.last.says({ t: "lease", record: "a", holder, until: "", ttl_ms: 15_000 });
  assert.equal((await held).granted, true);
  const lost = client.lease("b", "acquire");
  Wire.last.closes(1006);
  assert.equal((await lost).granted, false);
});

test("who waits for an answer when the client is closed is told so", async (t) => {
  const client = await made(t);
  Wire.last.welcomes();
  const pushed = client.push([{ type: "rename", id: "timeline", name: "Cut 2" }]);
  const undone = client.undo();
  Wire.last.closes(4403);
  for (const answer of [pushed.done, undone]) {
    await assert.rejects(answer, (error: unknown) => error instanceof Stopped && error.reason === "forbidden");
  }
  await assert.rejects(client.redo(), Stopped);
});

test("the next try is announced", async (t) => {
  const client = await made(t);
  Wire.last.welcomes();
  assert.equal(client.retryAt, null);
  const now = Date.now();
  Wire.last.closes(1006);
  assert.ok((client.retryAt ?? 0) >= now + 100);
  await later(100);
  assert.equal(client.retryAt, null);
});

test("a socket that cannot be made is tried again, and is nobody's unhandled error", async (t) => {
  let tries = 0;
  class Forbidden {
    constructor() {
      tries += 1;
      throw new Error("insecure");
    }
  }
  const client = await made(t, { socket: Forbidden as unknown as typeof WebSocket });
  assert.deepEqual([client.status, client.closeReason], ["offline", "insecure"]);
  await later(100);
  assert.equal(tries, 2);
});

test("a network that is back while a token is fetched makes no second socket, and no other status", async (t) => {
  const online = new EventTarget();
  const { addEventListener } = globalThis;
  globalThis.addEventListener = online.addEventListener.bind(online) as typeof addEventListener;
  t.after(() => (globalThis.addEventListener = addEventListener));
  const tokens: ((token: string) => void)[] = [];
  const client = await made(t, { token: () => new Promise((given) => tokens.push(given)) });
  online.dispatchEvent(new Event("online"));
  await soon();
  assert.equal(tokens.length, 1);
  tokens[0]?.("jwt");
  await soon();
  Wire.last.welcomes();
  assert.deepEqual([client.status, Wire.made.length], ["open", 1]);
});

test("who has closed a client asks in vain, and is told so", async (t) => {
  const client = await made(t);
  client.close();
  client.connect();
  await assert.rejects(client.push([{ type: "rename", id: "timeline", name: "x" }]).done, Stopped);
  await assert.rejects(client.undo(), Stopped);
});

test("a frame is measured in bytes, and ids are looked at before anything is queued", async (t) => {
  const client = await made(t);
  const rename = (name: string, gesture_id?: string): Gesture =>
    ({ type: "rename", id: "timeline", name, ...(gesture_id === undefined ? {} : { gesture_id }) });
  assert.throws(() => client.push([rename("é".repeat(200 * 1024))]), RangeError);
  for (const ids of [["a b"], [""], ["x".repeat(65)], ["one", "one"]]) {
    assert.throws(() => client.push(ids.map((id) => rename("x", id))), RangeError);
  }
  client.push([rename("x", "one")]);
  assert.throws(() => client.push([rename("y", "one")]), RangeError);
  assert.equal(client.pendingCount, 1);
});

test("a lease that nobody renews ends, also where the news of it is lost", async (t) => {
  const client = await made(t);
  Wire.last.welcomes();
  const told: number[] = [];
  client.on("leases", (leases) => told.push(leases.size));
  const holder = { session_id: "s9", actor: { id: "bob", name: "bob" } };
  const lease = { t: "lease", record: "a", holder, until: "2026-01-01T00:00:00Z", ttl_ms: 2_000 };
  Wire.last.says(lease);
  await later(2_500);
  Wire.last.says(lease);
  await later(2_999);
  assert.equal(client.leases.size, 1, "it was renewed");
  await later(1);
  assert.deepEqual([client.leases.size, told], [0, [1, 1, 0]]);
});

test("who was refused may try again, with another token", async (t) => {
  const client = await made(t);
  Wire.last.closes(4403);
  assert.equal(client.status, "closed");
  client.connect();
  await soon();
  Wire.last.welcomes();
  assert.equal(client.status, "open");
  const undone = client.undo();
  const asked = Wire.last.said.at(-1);
  assert.ok(asked?.t === "undo");
  Wire.last.says({ t: "result", batch: asked.batch, head: 2, r: [] });
  assert.equal((await undone).head, 2);
});

test("after a connection that held the next wait is a short one again; a welcome alone is not enough", async (t) => {
  await made(t);
  for (const wait of [100, 200, 400]) {
    Wire.last.welcomes();
    Wire.last.closes(4408);
    const before = Wire.made.length;
    await later(wait - 1);
    assert.equal(Wire.made.length, before);
    await later(1);
    assert.equal(Wire.made.length, before + 1);
  }
  Wire.last.welcomes();
  await later(5_000);
  const before = Wire.made.length;
  Wire.last.closes(1006);
  await later(100);
  assert.equal(Wire.made.length, before + 1);
});

test("a push is in the store until it is answered", async (t) => {
  const store = new MemoryQueue("c1");
  const client = await made(t, { store });
  await client.ready();
  await soon();
  const pushed = client.push([{ type: "rename", id: "timeline", name: "Cut 2" }]);
  client.push([{ type: "rename", id: "timeline", name: "Cut 3" }], { dry_run: true });
  assert.deepEqual((await store.open()).batches.map((one) => one.batch), [pushed.batch]);
  Wire.last.welcomes();
  const hello = Wire.last.said[0];
  assert.ok(hello?.t === "hello" && hello.client_id === "c1");
  const push = Wire.last.said.find((frame) => frame.t === "push");
  assert.ok(push?.t === "push");
  const id = push.gestures[0]?.gesture_id as string;
  Wire.last.says({ t: "result", batch: push.batch, head: 3, r: [{ gesture_id: id, ok: true, how: "committed", version: 3 }] });
  await pushed.done;
  assert.deepEqual((await store.open()).batches, []);
});

test("an undo waits in the store as a push does, in its place among them", async (t) => {
  const store = new MemoryQueue("c1");
  const before = await made(t, { store });
  await soon();
  const rename = (name: string): Gesture => ({ type: "rename", id: "timeline", name });
  before.push([rename("one")]);
  void before.undo().catch(() => undefined);
  void before.undo({ dry_run: true }).catch(() => undefined);
  before.push([rename("two")]);
  assert.equal((await store.open()).batches.length, 3);
  before.close();
  mock.timers.reset();
  const client = await made(t, { store });
  await soon();
  Wire.last.welcomes();
  assert.deepEqual(Wire.last.said.map((frame) => frame.t), ["hello", "push", "undo", "push"]);
  const asked = Wire.last.said[2];
  assert.ok(asked?.t === "undo");
  Wire.last.says({ t: "result", batch: asked.batch, head: 2, r: [] });
  assert.equal((await store.open()).batches.length, 2);
  assert.equal(client.pendingCount, 2);
});

test("a push before the store is read is an error", () => {
  const client = new TimelineClient({
    url: "http://host", timelineId: "t", token: () => Promise.resolve("jwt"), socket: Wire as unknown as typeof WebSocket,
    store: new MemoryQueue(),
  });
  assert.throws(() => client.push([{ type: "rename", id: "timeline", name: "x" }]), /ready/);
  assert.equal(client.state.records.size, 0);
});
