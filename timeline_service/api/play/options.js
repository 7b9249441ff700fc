/** The clips for those who do not see the canvas: a list box whose active option is the active clip. */

import { $, el, fill, say } from "./dom.js";
import { span, timecode } from "./time.js";

const BESIDE = 2;

export class Options {
  constructor(editor) {
    this.editor = editor;
    this.said = null;
  }

  /** The active clip and its neighbours on its track as options; the rest is told by `aria-setsize`. */
  draw() {
    const box = $("clips");
    const item = this.editor.activeItem;
    if (item === null) {
      fill(box);
      box.removeAttribute("aria-activedescendant");
      this.said = null;
      return;
    }
    const items = item.track.items;
    const place = items.indexOf(item);
    const from = Math.max(0, place - BESIDE);
    fill(box, items.slice(from, place + BESIDE + 1).map((one, n) => this.option(one, from + n, items.length)));
    box.setAttribute("aria-activedescendant", `clip-${item.id}`);
    if (this.said !== item.id && document.activeElement === box) say(this.words(item));
    this.said = item.id;
  }

  option(item, place, count) {
    return el("div", { role: "option", id: `clip-${item.id}`, "aria-selected": String(this.editor.selection.has(item.id)), "aria-setsize": String(count), "aria-posinset": String(place + 1), "data-clip": item.id }, this.words(item));
  }

  words(item) {
    const { rate } = this.editor.model;
    const track = item.track.name || `${item.track.kind} track ${item.track.number}`;
    const state = [item.value.enabled ? null : "off", item.track.locked ? "locked" : null].filter(Boolean).join(", ");
    return `${item.label}, ${track}, from ${timecode(item.start, rate)}, ${span(item.duration, rate)}${state ? `, ${state}` : ""}`;
  }
}
