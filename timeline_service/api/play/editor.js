/** What the window knows: what is shown, what is chosen, where the playhead is, what is being dragged. */

import { newId } from "./client/index.js";
import { Emitter } from "./emitter.js";
import { modelOf } from "./model.js";
import { ticks } from "./time.js";

const MOST_PREVIEWED = 30;

export class Editor extends Emitter {
  selection = new Set();
  active = null;
  keyframe = null;
  playhead = 0;
  tool = "select";
  snap = true;
  hover = null;
  drag = null;
  marquee = null;
  /** A version of the past that is shown: {version, state}; null: now. */
  past = null;

  constructor(session, view) {
    super();
    this.session = session;
    this.client = session.client;
    this.view = view;
    this.model = modelOf(new Map(), session.timelineId);
    this.client.on("change", () => this.refresh());
  }

  // ---- what is shown
  refresh() {
    const state = this.past?.state ?? this.client.state;
    const before = this.model;
    this.model = modelOf(state.records, state.timelineId || this.session.timelineId);
    const there = [...this.selection].filter((id) => this.model.items.has(id));
    if (there.length !== this.selection.size) this.selection = new Set(there);
    if (!this.model.items.has(this.active)) this.active = there.at(-1) ?? null;
    if (this.drag && this.drag.ids && [...this.drag.ids].some((id) => !this.model.items.has(id))) this.cancelDrag();
    if (before.tracks.length === 0 && this.model.tracks.length > 0) this.emit("first");
    this.emit("model");
  }

  showPast(past) {
    this.past = past;
    this.cancelDrag();
    this.refresh();
    this.emit("past");
  }

  get chosen() {
    return [...this.selection].map((id) => this.model.items.get(id)).filter(Boolean);
  }

  get activeItem() {
    return this.model.items.get(this.active) ?? null;
  }

  /** Whether editing is possible now; says why not. */
  mayEdit() {
    if (this.past !== null) {
      this.emit("notice", { text: `This is version ${this.past.version}, as it was. Go back to now to edit, or restore it.` });
      return false;
    }
    const role = this.client.session?.role;
    if (role === "viewer" || role === "reviewer") {
      this.emit("notice", { text: `You are here as ${role}: you see everything and change nothing.` });
      return false;
    }
    return true;
  }

  // ---- choosing
  select(ids, active, keyframe = null) {
    this.selection = new Set(ids);
    this.active = active ?? [...ids].at(-1) ?? null;
    this.keyframe = keyframe;
    this.session.tell({ selection: [...this.selection].slice(0, 50) });
    this.emit("selection");
  }

  setPlayhead(time) {
    const next = Math.max(0, time);
    if (next === this.playhead) return;
    this.playhead = next;
    this.session.tell({ playhead: next });
    this.emit("playhead");
  }

  setTool(tool) {
    this.tool = tool;
    this.hover = null;
    this.session.tell({ tool });
    this.emit("tool");
  }

  setSnap(on) {
    this.snap = on;
    this.emit("tool");
  }

  /** Where the pointer is, for the others. */
  pointAt(found, y, view) {
    const track = found?.track ?? null;
    const cursor = track === null ? {} : { time: Math.round(found.time), track: track.id, part: Math.round(((y - view.y(track)) / track.height) * 100) / 100 };
    this.session.tell({ cursor });
  }

  // ---- dragging
  /** Take something up. */
  lift(drag) {
    this.drag = drag;
    this.transaction = { id: newId(), label: drag.label, phase: "commit" };
    this.hover = null;
    this.emit("drag");
  }

  /** The drag has moved: tell the others what it would come to. */
  dragged(x, y) {
    const records = Object.fromEntries(Object.entries(this.drag.records).slice(0, MOST_PREVIEWED));
    const found = { time: this.view.time(x), track: this.view.trackAt(y, this.model) };
    this.preview(records);
    this.pointAt(found.track ? found : null, y, this.view);
  }

  preview(records) {
    this.session.tell({ preview: { transaction_id: this.transaction?.id ?? newId(), records } });
  }

  /** Let go: one gesture, or none. */
  drop() {
    const drag = this.drag;
    const gesture = drag.gesture();
    const { transaction } = this;
    this.cancelDrag();
    if (gesture !== null) void this.commit([gesture], transaction.label, transaction);
  }

  cancelDrag() {
    if (this.drag === null) return;
    this.drag = null;
    this.preview({});
    this.emit("drag");
  }

  // ---- editing
  /** Ask for gestures, as one step of undo. Settles with their results; refusals are shown by whoever listens. */
  async commit(gestures, label, transaction = null) {
    if (!this.mayEdit()) return [];
    let pushed;
    try {
      pushed = this.client.push(gestures, { transaction: transaction ?? { id: newId(), label, phase: "commit" } });
    } catch (error) {
      this.emit("notice", { text: error.message });
      return [];
    }
    this.emit("pending");
    const results = await pushed.done;
    this.emit("pending");
    const done = results.filter((result) => result.ok);
    if (done.length === 1 && done[0].description) this.emit("said", done[0].description);
    else if (done.length) this.emit("said", label);
    return results;
  }

  splitAt(item, time) {
    if (item.kind !== "clip") return this.emit("notice", { text: "Captions are not split." });
    return this.commit([{ type: "split", clip_id: item.id, at: ticks(time), new_id: newId() }], "Split");
  }

  async flip(which) {
    if (!this.mayEdit()) return;
    const frame = await this.client[which]({ policy: "skip" });
    for (const result of frame.r) {
      if (result.ok) this.emit("said", result.description ?? which);
      else this.emit("refused", { gesture: { type: which }, result });
    }
    for (const conflict of frame.conflicts ?? []) this.emit("kept", conflict);
  }

  async restore(version) {
    const frame = await this.client.restore(version);
    const result = frame.r[0];
    if (result && !result.ok) this.emit("refused", { gesture: { type: "restore" }, result });
    return result?.ok ?? false;
  }
}
