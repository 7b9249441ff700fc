/** The crop window: drawn over the source, dragged, resized, set as a keyframe of the picture under the playhead. */

import { $, el, fill, say } from "./dom.js";
import { newId } from "./client/index.js";
import { cropAt, sourceAt } from "./model.js";
import { colorOf } from "./overlay.js";
import { ticks } from "./time.js";

const WHOLE = 1_000_000;
const LEAST = 20_000;

export class Crop {
  locked = true;
  /** The window while it is being dragged: {id, window}. */
  now = null;

  constructor(editor, pictures, onMove) {
    this.editor = editor;
    this.pictures = pictures;
    this.onMove = onMove;
    this.box = $("crop");
    this.box.addEventListener("pointerdown", (event) => this.down(event));
    this.box.addEventListener("pointermove", (event) => this.move(event));
    this.box.addEventListener("pointerup", () => this.up());
    this.box.addEventListener("pointercancel", () => this.give());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("blur", () => { if (this.keyed) void this.up(); });
  }

  /** The clip whose window is shown: the chosen one, if it has a picture and lies under the playhead. */
  get item() {
    const item = this.editor.activeItem;
    if (item?.kind !== "clip" || item.track.kind !== "video" || item.value.media.generator || item.value.media.sequence_id) return null;
    return item;
  }

  /** The time in the clip that is shown: the playhead, or the nearest picture of the clip. */
  time(item) {
    return Math.min(Math.max(this.editor.playhead, item.start), item.end - this.editor.model.perFrame);
  }

  window(item) {
    return this.now?.id === item.id ? this.now.window : cropAt(item, sourceAt(item, this.time(item)));
  }

  /** The keyframe that lies on the picture shown. */
  here(item) {
    const source = sourceAt(item, this.time(item));
    return item.crops.find((key) => key.time === source) ?? null;
  }

  draw() {
    const { item } = this;
    this.box.hidden = item === null;
    this.ghosts(item);
    if (item === null) return;
    const { x, y, width, height } = this.window(item);
    for (const [side, value] of Object.entries({ left: x, top: y, width, height })) this.box.style.setProperty(side, `${value / 10_000}%`);
  }

  /** Windows that others are dragging on this clip. */
  ghosts(item) {
    const found = [];
    for (const peer of this.editor.client.peers.values()) {
      const crop = item && peer.preview?.records?.[item.id]?.crop;
      if (!crop) continue;
      const style = { "--who": colorOf(peer.actor.id), left: `${crop.x / 10_000}%`, top: `${crop.y / 10_000}%`, width: `${crop.width / 10_000}%`, height: `${crop.height / 10_000}%` };
      found.push(el("div", { className: "ghost-crop", style }, el("span", {}, peer.actor.name)));
    }
    fill($("ghost-crops"), found);
  }

  /** Width over height of the window, in ppm of this source, that fills the frame. */
  ratio(item) {
    const { model } = this.editor;
    const size = this.pictures.sizeOf(item, model);
    return (model.width / model.height) * (size.height / size.width);
  }

  down(event) {
    const { item } = this;
    if (item === null || event.button !== 0 || !this.editor.mayEdit()) return;
    this.box.setPointerCapture(event.pointerId);
    this.begin(item);
    this.press = { x: event.clientX, y: event.clientY, edge: event.target.dataset.edge ?? "", from: { ...this.window(item) } };
  }

  begin(item) {
    this.editor.transaction = { id: newId(), label: "Crop", phase: "commit" };
    this.now = { id: item.id, window: { ...this.window(item) }, time: this.time(item) };
  }

  move(event) {
    if (!this.press || this.now === null) return;
    const frame = $("source").getBoundingClientRect();
    const dx = ((event.clientX - this.press.x) / frame.width) * WHOLE;
    const dy = ((event.clientY - this.press.y) / frame.height) * WHOLE;
    const item = this.editor.model.items.get(this.now.id);
    if (item) this.set(this.press.edge === "" ? shifted(this.press.from, dx, dy) : resized(this.press.from, this.press.edge, dx, dy, this.locked ? this.ratio(item) : null));
  }

  set(window) {
    this.now.window = window;
    this.editor.preview({ [this.now.id]: { crop: window } });
    this.onMove();
  }

  /** Let go: one keyframe, added or changed. */
  up() {
    this.press = null;
    this.keyed = false;
    if (this.now === null) return undefined;
    const { id, window, time } = this.now;
    const item = this.editor.model.items.get(id);
    const { transaction } = this.editor;
    const before = item ? cropAt(item, sourceAt(item, time)) : null;
    const same = before !== null && ["x", "y", "width", "height"].every((side) => before[side] === window[side]);
    const given = item && !same ? this.keyframe(item, time, window) : null;
    this.give();
    return given === null ? undefined : this.editor.commit([given], "Crop", transaction);
  }

  keyframe(item, time, window) {
    const there = item.crops.find((key) => key.time === sourceAt(item, time));
    if (there) return { type: "update_crop_keyframe", keyframe_id: there.id, ...window };
    return { type: "add_crop_keyframe", keyframe_id: newId(), clip_id: item.id, at: ticks(time), ...window };
  }

  give() {
    this.press = null;
    this.keyed = false;
    if (this.now === null) return;
    this.now = null;
    this.editor.preview({});
    this.onMove();
  }

  /** A keyframe at the playhead with the window as it is there. */
  add(window = null) {
    const { item } = this;
    if (item === null) return this.editor.emit("notice", { text: "Choose a clip with a picture to crop first." });
    if (this.here(item) && !window) return this.editor.emit("notice", { text: "There is a keyframe on this picture already." });
    return this.editor.commit([this.keyframe(item, this.time(item), window ?? this.window(item))], "Crop");
  }

  /** The largest window of the frame's aspect, in the middle. */
  filling(item) {
    const ratio = this.ratio(item);
    const width = Math.round(Math.min(WHOLE, WHOLE * ratio));
    const height = Math.round(Math.min(WHOLE, WHOLE / ratio));
    return { x: Math.round((WHOLE - width) / 2), y: Math.round((WHOLE - height) / 2), width, height };
  }

  key(event) {
    const { item } = this;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Enter" && this.now) void this.up();
    else if (event.key === "Escape") this.give();
    else if (!step || item === null || event.altKey || !this.editor.mayEdit()) return;
    else {
      if (this.now === null) this.begin(item);
      this.keyed = true;
      const by = 10_000;
      const from = this.now.window;
      const lock = this.locked ? this.ratio(item) : null;
      this.set(event.shiftKey ? resized(from, step[0] ? "e" : "s", step[0] * by, step[1] * by, lock) : shifted(from, step[0] * by, step[1] * by));
      say(`Crop ${Math.round(this.now.window.x / 10_000)} percent from the left, ${Math.round(this.now.window.width / 10_000)} percent wide`);
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

function shifted(from, dx, dy) {
  return { ...from, x: Math.round(clamp(from.x + dx, 0, WHOLE - from.width)), y: Math.round(clamp(from.y + dy, 0, WHOLE - from.height)) };
}

/** A window with one of its edges or corners moved; the opposite one stays. `ratio`: width over height to keep, or null. */
export function resized(from, edge, dx, dy, ratio) {
  const right = from.x + from.width;
  const bottom = from.y + from.height;
  const west = edge.includes("w");
  const north = edge.includes("n");
  let width = from.width + (edge.includes("e") ? dx : west ? -dx : 0);
  let height = from.height + (edge.includes("s") ? dy : north ? -dy : 0);
  const mostWide = west ? right : WHOLE - from.x;
  const mostHigh = north ? bottom : WHOLE - from.y;
  if (ratio !== null) {
    if (edge === "n" || edge === "s") width = height * ratio;
    width = clamp(width, Math.max(LEAST, LEAST * ratio), Math.min(mostWide, mostHigh * ratio));
    height = width / ratio;
  }
  width = Math.round(clamp(width, LEAST, mostWide));
  height = Math.round(clamp(height, LEAST, mostHigh));
  return { x: west ? right - width : from.x, y: north ? bottom - height : from.y, width, height };
}
