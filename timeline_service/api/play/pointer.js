/** The mouse, the pen and the finger on the timeline. */

import { KeyframeMove, Move, Roll, Trim } from "./drags.js";
import { hit } from "./hit.js";
import { firstAfter } from "./model.js";
import { toFrame } from "./time.js";
import { RULER } from "./view.js";

const SLOP = 4;
const CURSORS = { start: "ew-resize", end: "ew-resize", body: "default" };

export class Pointer {
  constructor(surface, editor, stage) {
    this.surface = surface;
    this.editor = editor;
    this.stage = stage;
    this.view = stage.view;
    this.press = null;
    surface.addEventListener("pointerdown", (event) => this.down(event));
    surface.addEventListener("pointermove", (event) => this.move(event));
    surface.addEventListener("pointerup", (event) => this.up(event));
    surface.addEventListener("pointercancel", () => this.abandon());
    surface.addEventListener("pointerleave", () => this.leave());
    surface.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    surface.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  at(event) {
    const box = this.surface.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  down(event) {
    if (event.button > 1) return;
    const { x, y } = this.at(event);
    const { editor } = this;
    this.surface.setPointerCapture(event.pointerId);
    const found = hit(editor.model, this.view, editor.tool, x, y);
    this.press = { x, y, found, moved: false, left: this.view.left, top: this.view.top, pan: event.button === 1, event };
    if (this.press.pan) return;
    if (found.zone === "ruler") {
      this.scrub(x);
    } else if (found.zone === "item" && editor.tool === "blade") {
      editor.splitAt(found.item, toFrame(found.time, editor.model.perFrame));
      this.press = null;
    } else if (found.zone === "item" || found.zone === "keyframe") {
      this.choose(found, event);
    } else if (found.zone === "cut") {
      editor.select([found.left.id, found.right.id], found.right.id);
    } else if (!event.shiftKey) {
      editor.select([], null);
    }
  }

  choose(found, event) {
    const { editor } = this;
    if (found.zone === "keyframe") {
      editor.select([found.item.id], found.item.id, found.keyframe.id);
    } else if (event.shiftKey || event.ctrlKey || event.metaKey) {
      this.press.toggles = editor.selection.has(found.item.id);
      if (!this.press.toggles) editor.select([...editor.selection, found.item.id], found.item.id);
    } else if (!editor.selection.has(found.item.id)) {
      editor.select([found.item.id], found.item.id);
    } else {
      editor.select([...editor.selection], found.item.id);
    }
  }

  move(event) {
    const { x, y } = this.at(event);
    if (this.press === null) {
      this.hover(x, y);
      return;
    }
    const press = this.press;
    if (!press.moved && Math.hypot(x - press.x, y - press.y) < SLOP) return;
    if (!press.moved) {
      press.moved = true;
      if (!press.pan) this.begin(press);
    }
    if (press.pan) this.pan(x, y);
    else if (press.found.zone === "ruler") this.scrub(x);
    else if (press.marquee) this.stretch(x, y);
    else if (this.editor.drag) this.drag(event, x, y);
  }

  begin(press) {
    const { editor, view } = this;
    const { found } = press;
    const { model } = editor;
    const head = editor.playhead;
    if (found.zone === "empty") {
      press.marquee = { fromX: press.x, fromY: press.y, toX: press.x, toY: press.y };
      return;
    }
    if (found.zone === "ruler" || !editor.mayEdit()) return;
    if (found.zone === "cut") editor.lift(new Roll(model, view, head, found.left, found.right, found.time));
    else if (found.zone === "keyframe") editor.lift(new KeyframeMove(model, view, head, found.item, found.keyframe));
    else if (found.edge !== "body") editor.lift(new Trim(model, view, head, found.item, found.edge, found.time));
    else if (found.item.kind === "caption") editor.lift(new Move(model, view, head, new Set([found.item.id]), found.item, found.time));
    else editor.lift(new Move(model, view, head, editor.selection, found.item, found.time));
  }

  drag(event, x, y) {
    const { editor, view } = this;
    this.edgeScroll(x);
    editor.drag.move({
      x, y, time: view.time(x), track: view.trackAt(y, editor.model), snap: editor.snap !== event.shiftKey || editor.drag.kind === "trim" ? editor.snap : false,
      ripple: event.shiftKey, overwrite: event.altKey, insert: event.ctrlKey || event.metaKey,
    });
    editor.dragged(x, y);
    this.stage.changed("over");
  }

  /** Near the border the timeline moves along under the drag. */
  edgeScroll(x) {
    const step = x < 24 ? -14 : x > this.view.width - 24 ? 14 : 0;
    if (!step) return;
    this.view.left = Math.max(0, this.view.left + step * this.view.ticksPerPixel);
    this.stage.changed();
  }

  up(event) {
    const press = this.press;
    this.press = null;
    if (press === null) return;
    const { editor } = this;
    if (editor.drag) editor.drop();
    else if (press.marquee) this.gather(press.marquee, event.shiftKey);
    else if (!press.moved) this.click(press, event);
    editor.marquee = null;
    this.stage.changed();
  }

  click(press) {
    const { editor } = this;
    const { found } = press;
    if (press.toggles) {
      editor.select([...editor.selection].filter((id) => id !== found.item.id), null);
    } else if (found.zone === "empty") {
      editor.setPlayhead(toFrame(found.time, editor.model.perFrame));
    }
  }

  stretch(x, y) {
    Object.assign(this.press.marquee, { toX: x, toY: Math.max(RULER, y) });
    this.editor.marquee = this.press.marquee;
    this.stage.changed("over");
  }

  gather(box, adds) {
    const { editor, view } = this;
    const [fromX, toX] = [box.fromX, box.toX].sort((a, b) => a - b);
    const [fromY, toY] = [box.fromY, box.toY].sort((a, b) => a - b);
    const found = adds ? [...editor.selection] : [];
    for (const track of editor.model.tracks) {
      const y = view.y(track);
      if (y > toY || y + track.height < fromY) continue;
      for (let n = firstAfter(track.items, view.time(fromX)); n < track.items.length && track.items[n].start < view.time(toX); n++) {
        found.push(track.items[n].id);
      }
    }
    editor.select(found, found.at(-1) ?? null);
  }

  scrub(x) {
    const { editor, view } = this;
    const time = Math.max(0, toFrame(view.time(Math.min(Math.max(x, 0), view.width)), editor.model.perFrame));
    editor.setPlayhead(time);
  }

  pan(x, y) {
    this.view.left = this.press.left - (x - this.press.x) * this.view.ticksPerPixel;
    this.view.top = this.press.top - (y - this.press.y);
    this.view.settle(this.editor.model);
    this.editor.emit("view");
  }

  hover(x, y) {
    const { editor } = this;
    const found = hit(editor.model, this.view, editor.tool, x, y);
    editor.pointAt(found, y, this.view);
    editor.hover =
      found.zone === "item" ? { item: found.item, edge: found.edge } : found.zone === "cut" ? { item: found.right, edge: "start", other: found.left } : null;
    const cursor = found.zone === "cut" ? "col-resize" : found.zone === "keyframe" ? "grab" : editor.tool === "blade" && found.zone === "item" ? "crosshair" : CURSORS[found.edge] ?? "default";
    this.surface.style.cursor = cursor;
    this.stage.changed("over");
  }

  leave() {
    if (this.press !== null) return;
    this.editor.hover = null;
    this.editor.pointAt(null);
    this.stage.changed("over");
  }

  abandon() {
    this.press = null;
    this.editor.cancelDrag();
    this.editor.marquee = null;
    this.stage.changed();
  }

  wheel(event) {
    event.preventDefault();
    const { x } = this.at(event);
    const { view, editor } = this;
    const unit = event.deltaMode === 1 ? 16 : 1;
    if (event.ctrlKey || event.metaKey || event.altKey) {
      view.zoom(Math.exp(event.deltaY * unit * 0.0035), x, editor.model);
    } else {
      const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
      view.left += sideways * unit * view.ticksPerPixel;
      if (!event.shiftKey) view.top += event.deltaY * unit;
      view.settle(editor.model);
    }
    editor.emit("view");
  }
}
