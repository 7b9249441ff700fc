/** A service in memory, as small as the core's tests need: one log, decided by the rules of this client. */

import {
  decide, TimelineState,
  type Change, type ClientFrame, type Effect, type EventItem, type Gesture, type GestureResult, type Json,
  type PushFrame, type ServerFrame, type Sync, type TimelineJson, type Welcome,
} from "../src/index.js";

export const F = 28_224_000;
const LISTS: { readonly [kind: string]: string } = { track: "tracks", clip: "clips" };

export function timelineChange(): Change {
  const value = { name: "Cut", rate: { num: 25, den: 1 }, width: 1920, height: 1080, start_timecode: 0 };
  return { op: "put", kind: "timeline", id: "timeline", value };
}

export function trackChange(id: string): Change {
  const value = {
    kind: "video", name: "", order: id, enabled: true, locked: false, muted: false, solo: false, gain: 0,
    sequence_id: null,
  };
  return { op: "put", kind: "track", id, value };
}

export function clipChange(id: string, track: string, start: number, duration: number): Change {
  const value = {
    track_id: track, start: start * F, duration: duration * F, media: { generator: "black" }, source_in: 0,
    map_offset: 0, speed: { num: 1, den: 1 }, reversed: false, name: id, enabled: true, color: null, gain: 0,
    fade_in: 0, fade_out: 0, link_id: null, group_id: null, "metadata.scene": 4,
  };
  return { op: "put", kind: "clip", id, value };
}

export function trim(clip_id: string, delta: number, gesture_id?: string): Gesture {
  return { type: "trim", clip_id, edge: "end", delta, ...(gesture_id === undefined ? {} : { gesture_id }) };
}

/** One client's line to the service. Frames wait in it until somebody delivers them. */
export class Line {
  readonly up: ClientFrame[] = [];
  readonly down: ServerFrame[] = [];
  open = true;
}

export class Service {
  readonly state = new TimelineState();
  readonly log: EventItem[] = [];
  readonly known = new Map<string, number>();
  readonly lastSeq = new Map<string, number>();
  /** Refuses the next so many pushes as too many. */
  busy = 0;
  replayMost = 20;
  epoch = "0";
  partRecords = 1_000;
  private lines = new Map<Line, { client: string; session: string; said: number }>();
  private sessions = 0;

  constructor() {
    this.commit("setup", "create", { type: "create_timeline" }, [timelineChange()]);
    this.commit("setup", "tracks", { type: "add_track" }, [trackChange("v1"), trackChange("v2")]);
  }

  commit(actor: string, gestureId: string, gesture: EventItem["gesture"], changes: readonly Change[]): EventItem {
    this.state.revert(0);
    this.state.take(changes);
    const item: EventItem = {
      version: this.state.version, gesture_id: gestureId, type: String(gesture["type"]), actor, recorded_at: "",
      schema_version: 1, gesture, changes: [...changes], description: `${String(gesture["type"])} by ${actor}`,
      transaction_id: null,
    };
    this.log.push(item);
    this.known.set(gestureId, item.version);
    return item;
  }

  /** What a client says on a line. */
  hear(line: Line, frame: ClientFrame): void {
    if (frame.t === "hello") this.welcome(line, frame);
    else if (frame.t === "push") line.down.push(this.answer(line, frame));
    else if (frame.t === "pull") line.down.push(this.events(frame.after_version, this.state.version));
    else if (frame.t === "ping") line.down.push({ t: "pong", n: frame.n });
    for (const other of this.lines.keys()) this.publish(other);
  }

  leave(line: Line): void {
    line.open = false;
    this.lines.delete(line);
  }

  /** Events from a version on, as a live frame; `said` moves on. */
  publish(line: Line): void {
    const to = this.lines.get(line);
    if (to === undefined || to.said >= this.state.version) return;
    line.down.push(this.events(to.said, this.state.version));
    to.said = this.state.version;
  }

  events(after: number, upto: number): ServerFrame {
    const items = this.log.slice(after, upto);
    return { t: "events", from: after + 1, to: after + items.length, items };
  }

  private welcome(line: Line, hello: ClientFrame & { t: "hello" }): void {
    this.sessions += 1;
    const session = `s${this.sessions}`;
    const version = this.state.version;
    const known = hello.after_version;
    const mode = known !== undefined && version - known <= this.replayMost ? "replay" : "snapshot";
    const welcome: Welcome = {
      t: "welcome", proto: 1, session_id: session, actor: { id: hello.client_id, name: hello.client_id }, role: "editor",
      timeline_id: hello.timeline_id, head: version, epoch: this.epoch, mode,
      limits: { inflight: 4, gestures_s: 60, burst: 500, frame_kb: 256 }, ping_ms: 10_000,
      undo: { can_undo: false, can_redo: false, label: null }, peers: [],
      last_seq: this.lastSeq.get(hello.client_id) ?? 0, leases: [],
    };
    line.down.push(welcome);
    this.lines.set(line, { client: hello.client_id, session, said: version });
    if (mode === "snapshot") line.down.push(...this.snapshot());
    else if (known !== undefined && known < version) line.down.push(this.events(known, version));
  }

  snapshot(): ServerFrame[] {
    const whole = viewOf(this.state);
    const parts: TimelineJson[] = [];
    for (const list of Object.values(LISTS)) {
      const rows = whole[list] as readonly Json[];
      for (let at = 0; at < Math.max(1, rows.length); at += this.partRecords) {
        parts.push({ [list]: rows.slice(at, at + this.partRecords) });
      }
    }
    const { tracks: _tracks, clips: _clips, ...scalars } = whole;
    parts[0] = { ...scalars, ...parts[0] };
    return parts.map((data, n) => ({ t: "snapshot", version: this.state.version, part: n + 1, parts: parts.length, data }));
  }

  private answer(line: Line, frame: PushFrame): ServerFrame {
    const client = this.lines.get(line)?.client ?? "";
    const refusal = { message: "", details: {}, changes: [] };
    let r: GestureResult[];
    if (this.busy > 0) {
      this.busy -= 1;
      r = frame.gestures.map((gesture) => ({
        ...refusal, gesture_id: gesture.gesture_id as string, ok: false, code: "rate_limited", retry: true,
        details: { retry_after_ms: 70 },
      }));
    } else {
      r = frame.gestures.map((gesture) => this.decide(client, gesture, frame.base));
    }
    return { t: "result", batch: frame.batch, head: this.state.version, r };
  }

  private decide(client: string, gesture: Gesture, base: number | undefined): GestureResult {
    const id = gesture.gesture_id as string;
    const known = this.known.get(id);
    if (known !== undefined) return { gesture_id: id, ok: true, version: known, how: "duplicate", changes: [] };
    const verdict = decide(this.state, gesture, id, base);
    this.state.revert(0);
    if (verdict.kind === "decided" && verdict.changes.length === 0) {
      return { gesture_id: id, ok: true, how: "noop", changes: [] };
    }
    if (verdict.kind !== "decided") {
      const code = verdict.kind === "refused" ? verdict.code : "unknown_gesture";
      return { gesture_id: id, ok: false, code, message: "", details: {}, retry: false, changes: [] };
    }
    const item = this.commit(client, id, gesture as EventItem["gesture"], verdict.changes);
    this.lastSeq.set(client, Math.max(this.lastSeq.get(client) ?? 0, gesture.seq ?? 0));
    return { gesture_id: id, ok: true, version: item.version, how: "committed", changes: [] };
  }
}

/** A core with a line; carries out what it is told, and remembers it. */
export class Party {
  line: Line | null = null;
  readonly told: Effect[] = [];
  readonly settled = new Map<string, readonly GestureResult[]>();

  constructor(readonly core: Sync, readonly service: Service) {}

  connect(): void {
    this.line = new Line();
    this.line.up.push(this.core.hello("token"));
  }

  disconnect(): void {
    if (this.line === null) return;
    this.service.leave(this.line);
    this.line = null;
    this.carryOut(this.core.disconnected());
  }

  push(gestures: Gesture[], batch: string, options: { atomic?: boolean } = {}): void {
    const seq = this.core.number(gestures.length);
    const named = gestures.map((one, n) => ({ ...one, gesture_id: one.gesture_id ?? `${batch}.${n}`, seq: seq + n }));
    this.carryOut(this.core.push({
      batch, seq, gestures: named, atomic: options.atomic ?? true,
      ...(this.core.version > 0 ? { base: this.core.version } : {}),
    }));
  }

  /** The service hears the next frame. */
  sendOne(): boolean {
    const frame = this.line?.up.shift();
    if (frame === undefined || this.line === null) return false;
    this.service.hear(this.line, frame);
    return true;
  }

  /** The core hears the next frame. */
  receiveOne(): boolean {
    const frame = this.line?.down.shift();
    if (frame === undefined) return false;
    this.carryOut(this.core.receive(JSON.parse(JSON.stringify(frame)) as ServerFrame));
    return true;
  }

  carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      this.told.push(effect);
      if (effect.do === "send") this.line?.up.push(effect.frame);
      if (effect.do === "settled") {
        if (this.settled.has(effect.batch)) throw new Error(`${effect.batch} is settled twice`);
        this.settled.set(effect.batch, effect.results);
      }
      if (effect.do === "fetch" && effect.what === "event") {
        const item = this.service.log[effect.version - 1] as EventItem;
        this.carryOut(this.core.fetchedEvent(item));
      }
    }
  }

  /** Until nobody has anything to say. */
  rest(): void {
    for (let busy = true; busy; ) busy = this.sendOne() || this.receiveOne();
  }

  effects(kind: Effect["do"]): Effect[] {
    return this.told.filter((effect) => effect.do === kind);
  }
}

export function viewOf(state: TimelineState): TimelineJson {
  const timeline = state.find(state.timelineId);
  const view: { [field: string]: Json } = {
    ...timeline?.value, id: state.timelineId, metadata: {}, version: state.version, state_hash: "", head_hash: "",
    ticks_per_frame: F, duration: 0, tracks: [], clips: [],
  };
  for (const record of state.records.values()) {
    const list = LISTS[record.kind];
    if (list === undefined) continue;
    const shown: { [field: string]: Json } = { id: record.id, metadata: {} };
    if (record.kind === "clip") shown["params"] = {};
    for (const [field, value] of Object.entries(record.value)) {
      const [map, key] = field.split(".", 2) as [string, string | undefined];
      if (key === undefined) shown[field] = value;
      else (shown[map] as { [key: string]: Json })[key] = value;
    }
    (view[list] as Json[]).push(shown);
  }
  return view;
}
