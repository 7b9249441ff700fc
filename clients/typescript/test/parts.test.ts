/** The small parts, each against something that is known to be right. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import {
  ApiError, Backoff, decide, LocalStorageQueue, MemoryQueue, newId, TimelineApi, TimelineState,
  type Locks, type Shelf, type StoredBatch,
} from "../src/index.js";
import { Listeners } from "../src/listeners.js";
import { carry } from "../src/decide/carry.js";
import { deriveId } from "../src/decide/draft.js";
import { modulo, rounded, scaled, scaledLess } from "../src/decide/numbers.js";
import { inTicks, parseTime } from "../src/decide/time.js";
import { Refused, Undecided } from "../src/decide/verdicts.js";
import { equal } from "../src/records.js";
import { sha256, toHex } from "../src/sha256.js";
import { chance } from "./chance.js";
import { timelineChange } from "./scripted.js";

function floor(one: bigint, by: bigint): bigint {
  const quotient = one / by;
  return one % by < 0n ? quotient - 1n : quotient;
}

test("SHA-256 is SHA-256, at every length around a block", () => {
  for (let length = 0; length < 200; length++) {
    const data = Uint8Array.from({ length }, (_, n) => (n * 31 + length) % 256);
    assert.equal(toHex(sha256(data)), createHash("sha256").update(data).digest("hex"), String(length));
  }
});

test("derived ids are those of the service", () => {
  // hashlib.sha256(b"g1\\0right\\0c7").digest()[:16] in base64url
  const expected = createHash("sha256").update("g1\0right\0c7").digest().subarray(0, 16).toString("base64url");
  assert.equal(deriveId("g1", "right", "c7"), expected);
  assert.equal(deriveId("g1", "right", "c7").length, 22);
});

test("whole numbers are divided downwards, exactly, however large the product", () => {
  const draw = chance(1);
  for (let n = 0; n < 20_000; n++) {
    const one = (draw(2) === 0 ? -1 : 1) * Math.floor(2 ** draw(40) * (1 + draw(1000) / 1000)) * (1 + draw(7));
    const [other, by] = [1 + draw(1_000_000), 1 + draw(1_000_000)];
    const product = floor(BigInt(one) * BigInt(other), BigInt(by));
    if (product < BigInt(Number.MAX_SAFE_INTEGER) && product > -BigInt(Number.MAX_SAFE_INTEGER)) {
      assert.equal(BigInt(scaled(one, other, by)), product, `${one} * ${other} / ${by}`);
      assert.equal(BigInt(scaledLess(one, other, 1, by)), floor(BigInt(one) * BigInt(other) - 1n, BigInt(by)));
    }
    assert.equal(BigInt(modulo(one, by)), BigInt(one) - floor(BigInt(one), BigInt(by)) * BigInt(by));
  }
  assert.throws(() => scaled(2 ** 52, 1_000_000, 1), Undecided);
});

test("halves are rounded to even", () => {
  assert.deepEqual([[1, 1, 2], [3, 1, 2], [5, 1, 2], [-1, 1, 2], [-3, 1, 2]].map(([a, b, c]) =>
    rounded(a as number, b as number, c as number)), [0, 2, 2, 0, -2]);
  assert.equal(rounded(656, 1_000_000, 1920), 341_667);
});

test("times are exact, or refused, or left to the service", () => {
  const state = new TimelineState();
  state.take([timelineChange()]);
  const ticks = (data: unknown): number => inTicks(parseTime(data), state);
  assert.equal(ticks(2), 2 * 28_224_000);
  assert.equal(ticks({ ticks: -7 }), -7);
  assert.equal(ticks({ value: 48, rate: 24 }), 2 * 705_600_000);
  assert.equal(ticks({ value: 0.5, rate: { num: 24, den: 1 } }), 14_700_000);
  assert.equal(ticks({ value: 1, rate: 23.976 }), 29_429_400);
  assert.throws(() => ticks({ value: 0.1, rate: 24 }), Refused);
  assert.throws(() => ticks(2 ** 52), Refused);
  for (const odd of [null, "3", 1.5, true, { ticks: 1.5 }, { value: 1, rate: 31 }, { value: 1 }, [1]]) {
    assert.throws(() => ticks(odd), Undecided, JSON.stringify(odd));
  }
});

test("a position goes through the shifts of its track, and back", () => {
  const state = new TimelineState();
  const shift = (id: string, from: number, by: number) => ({ op: "shift", id, track: "v1", from, by, moves: true }) as const;
  state.shifts = [
    { version: 1, shift: shift("s1", 100, 50) }, { version: 2, shift: shift("s2", 200, -60) },
    { version: 3, shift: shift("s2", 140, 60) },
  ];
  state.version = 3;
  assert.equal(carry(99, state, "v1", 0), 99);
  assert.equal(carry(100, state, "v1", 0), 150);
  assert.equal(carry(100, state, "v2", 0), 100);
  assert.equal(carry(130, state, "v1", 0), 180, "swallowed, and given back");
  assert.equal(carry(200, state, "v1", 3), 200);
  state.shifts.pop();
  assert.throws(() => carry(130, state, "v1", 0), Refused);
  state.groundSince = 2;
  assert.throws(() => carry(10, state, "v1", 1), Undecided);
});

test("nothing that is unusual is decided here", () => {
  const state = new TimelineState();
  assert.equal(decide(state, { type: "rename" }, "g").kind, "undecided", "nothing is known yet");
  state.take([timelineChange()]);
  for (const odd of [
    { type: "no such gesture" }, { type: "rename", id: "timeline", name: "x", mood: "odd" },
    { type: "rename", id: "timeline", name: 3 }, { type: "rename", id: { $ref: "gestures[0].id" }, name: "x" },
    { type: "rename", id: "timeline", name: "\ud800" }, { type: "rename", id: "timeline", name: "a\0b" },
    { type: "rename", id: "timeline", name: "x".repeat(1001) }, { type: "trim", clip_id: "a", edge: "middle", delta: 1 },
  ]) {
    assert.equal(decide(state, odd as { type: string }, "g").kind, "undecided", JSON.stringify(odd));
  }
  assert.equal(decide(state, { type: "rename", id: "timeline", name: "x" } as { type: string }, "g").kind, "decided");
  assert.equal(state.find("timeline")?.value["name"], "x");
});

test("JSON is compared by value", () => {
  assert.ok(equal({ a: [1, { b: null }] }, { a: [1, { b: null }] }));
  assert.ok(!equal({ a: 1 }, { b: 1 }));
  assert.ok(!equal([1], { 0: 1 }));
  assert.ok(!equal({ a: 1 }, { a: 1, b: 2 }));
  assert.ok(!equal(JSON.parse('{"__proto__": {}}') as never, JSON.parse('{"x": {}}') as never));
  assert.ok(!equal(1, true as never));
});

test("waits grow to a limit, with dice, and begin again after a success", () => {
  const backoff = new Backoff({ first: 100, longest: 1000, random: () => 1 });
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => backoff.next()), [100, 200, 400, 800, 1000, 1000]);
  assert.equal(backoff.next(500), 1500);
  backoff.reset();
  assert.equal(backoff.next(), 100);
  const diced = new Backoff({ first: 100, random: () => 0.25 });
  assert.equal(diced.next(), 63, "half to all of it: never at once");
});

test("who listens hears, until they stop; one that throws disturbs nobody", (t) => {
  const listeners = new Listeners<{ news: number }>();
  const heard: number[] = [];
  const thrown: (() => void)[] = [];
  t.mock.method(globalThis, "queueMicrotask", (later: () => void) => thrown.push(later));
  listeners.on("news", () => {
    throw new Error("mine");
  });
  const stop = listeners.on("news", (one) => heard.push(one));
  listeners.tell("news", 1);
  stop();
  listeners.tell("news", 2);
  assert.deepEqual(heard, [1]);
  assert.throws(thrown[0] as () => void, /mine/);
});

// ---- queues
class Drawer implements Shelf {
  private readonly kept = new Map<string, string>();
  get length(): number {
    return this.kept.size;
  }
  key(n: number): string | null {
    return [...this.kept.keys()][n] ?? null;
  }
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

/** Locks as the Web Locks specification has them, of this one process. */
class ProcessLocks implements Locks {
  private readonly held = new Set<string>();
  async request(name: string, _: { ifAvailable: true }, hold: (lock: unknown) => Promise<void> | undefined) {
    if (this.held.has(name)) return hold(null);
    this.held.add(name);
    await hold({ name });
    this.held.delete(name);
    return undefined;
  }
}

function batch(name: string, seq: number): StoredBatch {
  return { batch: name, seq, atomic: true, gestures: [{ type: "rename", id: "a", name, gesture_id: name }] };
}

test("a queue in localStorage is that of one window, and the next window takes over what it leaves", async () => {
  const [drawer, locks] = [new Drawer(), new ProcessLocks()];
  const queue = (): LocalStorageQueue => new LocalStorageQueue("t1", "ann", drawer, locks);
  const [one, two] = [queue(), queue()];
  const [first, second] = [await one.open(), await two.open()];
  assert.notEqual(first.clientId, second.clientId);
  for (const [name, seq] of [["z", 1], ["y", 2], ["x", 10]] as const) one.put(batch(name, seq));
  two.put(batch("w", 1));
  one.remove("y");
  one.close();
  await new Promise((done) => setImmediate(done));
  const again = await queue().open();
  assert.equal(again.clientId, first.clientId);
  assert.deepEqual(again.batches, [batch("z", 1), batch("x", 10)]);
  assert.deepEqual((await new LocalStorageQueue("t1", "bob", drawer, locks).open()).batches, []);
  assert.deepEqual((await new LocalStorageQueue("t2", "ann", drawer, locks).open()).batches, []);
});

test("what is damaged in localStorage costs itself alone, and stays there", async () => {
  const drawer = new Drawer();
  const queue = (): LocalStorageQueue => new LocalStorageQueue("t1", "", drawer, undefined);
  const first = queue();
  await first.open();
  const undo = { batch: "u", seq: 2, request: { t: "undo", batch: "u", gesture_id: "u1" } } as const;
  first.put(undo);
  first.put(batch("x", 1));
  const prefix = (drawer.key(0) as string).replace(/client$/, "");
  const damaged = ["{\"batch\":", "null", "7", "{}", JSON.stringify({ ...batch("d4", 2), gestures: [null] }), JSON.stringify(batch("z", 3))];
  damaged.forEach((text, n) => drawer.setItem(`${prefix}batch:d${n}`, text));
  assert.deepEqual((await queue().open()).batches, [batch("x", 1), undo]);
  assert.equal(drawer.length, 3 + damaged.length);
});

test("a queue that is closed before it was claimed is free for the next window", async () => {
  const [drawer, locks] = [new Drawer(), new ProcessLocks()];
  const early = new LocalStorageQueue("t1", "", drawer, locks);
  const opening = early.open();
  early.close();
  const first = await opening;
  await new Promise((done) => setImmediate(done));
  assert.equal((await new LocalStorageQueue("t1", "", drawer, locks).open()).clientId, first.clientId);
});

test("without locks all windows have the first queue", async () => {
  const drawer = new Drawer();
  const one = new LocalStorageQueue("t1", "", drawer, undefined);
  const two = new LocalStorageQueue("t1", "", drawer, undefined);
  assert.equal((await one.open()).clientId, (await two.open()).clientId);
});

test("a queue in memory lasts as long as it is there", async () => {
  const queue = new MemoryQueue("c1");
  queue.put(batch("x", 1));
  assert.deepEqual(await queue.open(), { clientId: "c1", batches: [batch("x", 1)] });
  queue.remove("x");
  assert.deepEqual((await queue.open()).batches, []);
});

test("new ids are ids, and new", () => {
  const made = Array.from({ length: 1000 }, newId);
  assert.equal(new Set(made).size, 1000);
  for (const id of made) assert.match(id, /^[A-Za-z0-9_-]{22}$/);
});

test("an answer that is no JSON is still told as a refusal; a snapshot with a wrong checksum is one", async () => {
  const answers = [new Response("bad gateway", { status: 502 }), new Response("{}")];
  const fetch = (() => Promise.resolve(answers.shift())) as unknown as typeof globalThis.fetch;
  const api = new TimelineApi({ url: "http://x", token: () => Promise.resolve("t"), fetch });
  await assert.rejects(api.me(), (error: unknown) => error instanceof ApiError && error.status === 502);
  await assert.rejects(api.snapshot("/s", "00"), (error: unknown) => error instanceof ApiError && error.code === "checksum");
});
