/** What is known of the chosen clip, and its crop keyframes. */

import { $, el, fill } from "./dom.js";
import { sourceAt, timeOf } from "./model.js";
import { span, ticksPerFrame, timecode } from "./time.js";

const WAYS = [["hold", "Hold"], ["linear", "Linear"], ["bezier", "Ease"]];

export class ClipPanel {
  constructor(editor, crop, commands) {
    Object.assign(this, { editor, crop, commands });
    this.drawn = null;
  }

  draw() {
    if ($("panel-clip").hidden) return;
    const chosen = this.editor.chosen;
    const item = this.editor.activeItem;
    const here = item && this.crop.item ? this.crop.here(item)?.id : null;
    const now = JSON.stringify([[...this.editor.selection], item?.value, item?.crops, here, this.crop.locked, this.editor.past?.version, item && this.crop.item ? sourceAt(item, this.crop.time(item)) === null : 0]);
    if (now === this.drawn) return;
    this.drawn = now;
    if (!item) fill($("panel-clip"), el("p", { className: "muted" }, "Choose a clip: click it, or press Tab in the timeline."));
    else if (chosen.length > 1) fill($("panel-clip"), this.several(chosen));
    else fill($("panel-clip"), this.one(item));
  }

  several(chosen) {
    const length = chosen.reduce((sum, item) => sum + item.duration, 0);
    return [
      el("p", { className: "big-name" }, `${chosen.length} chosen`),
      el("p", { className: "muted" }, `${span(length, this.editor.model.rate)} together. They move, and are deleted, as one step.`),
    ];
  }

  one(item) {
    const { rate } = this.editor.model;
    const row = (name, value, mono = true) => [el("dt", {}, name), el("dd", { className: mono ? "mono" : "" }, value)];
    return [
      el("p", { className: "big-name", title: item.label }, item.label),
      el("dl", { className: "facts" }, row("Start", timecode(item.start, rate)), row("End", timecode(item.end, rate)), row("Length", span(item.duration, rate)), row("Track", item.track.name || item.track.id, false),
        item.kind === "clip" ? row("Source", sourceOf(item), false) : []),
      item.kind === "clip" ? this.acts(item) : null,
      this.crop.item === item ? this.cropping(item) : null,
    ];
  }

  acts(item) {
    const commit = (gesture, label) => this.editor.commit([gesture], label);
    const enabled = item.value.enabled;
    return [
      el("h3", {}, "Clip"),
      el("div", { className: "row tight" },
        el("button", { "data-key": "enable", onclick: () => commit({ type: "enable", clip_ids: [item.id], enabled: !enabled }, "Switch") }, enabled ? "Switch off" : "Switch on"),
        el("button", { "data-key": "hold", onclick: () => this.commands.hold() }, this.held(item) ? "Release" : "Hold"),
        item.value.link_id ? el("button", { "data-key": "unlink", onclick: () => commit({ type: "unlink", clip_ids: [item.id] }, "Unlink") }, "Unlink") : null,
      ),
    ];
  }

  held(item) {
    return this.editor.client.leases.get(item.id)?.holder.actor.id === this.editor.session.me.id;
  }

  cropping(item) {
    const here = this.crop.here(item);
    return [
      el("h3", {}, "Crop keyframes"),
      el("div", { className: "row tight" },
        el("button", { "data-key": "add", disabled: here !== null, onclick: () => this.crop.add() }, "Set here"),
        el("button", { "data-key": "fill", onclick: () => this.crop.add(this.crop.filling(item)) }, "Fill the frame"),
        el("button", { "data-key": "prev", className: "icon", "aria-label": "Keyframe before", onclick: () => this.jump(item, -1) }, "‹"),
        el("button", { "data-key": "next", className: "icon", "aria-label": "Keyframe after", onclick: () => this.jump(item, 1) }, "›"),
      ),
      el("label", { className: "check" }, el("input", { type: "checkbox", checked: this.crop.locked, "data-key": "lock", onchange: (event) => { this.crop.locked = event.target.checked; } }), "Keep the aspect of the frame"),
      item.crops.length
        ? el("ul", { className: "keyframes", "aria-label": "Crop keyframes" }, item.crops.map((key) => this.keyframe(item, key, here)))
        : el("p", { className: "muted" }, "None: the whole picture is shown. Drag the window over the source to set one."),
    ];
  }

  keyframe(item, key, here) {
    const perFrame = ticksPerFrame(item.value.media.rate ?? this.editor.model.rate);
    const name = typeof key.interpolation === "string" ? key.interpolation : "curve";
    const frame = Math.floor(key.time / perFrame);
    const choice = el("select", {
      "aria-label": `Way from frame ${frame} to the next`, "data-key": `way-${key.id}`,
      onchange: (event) => this.editor.commit([{ type: "update_crop_keyframe", keyframe_id: key.id, interpolation: event.target.value }], "Keyframe"),
    }, WAYS.map(([value, label]) => el("option", { value, selected: value === name }, label)), name === "curve" ? el("option", { value: "", selected: true, disabled: true }, "Curve") : null);
    return el("li", { "data-here": String(key === here), "data-keyframe": key.id },
      el("button", { className: "go", "data-key": `go-${key.id}`, "aria-label": `Go to frame ${frame}`, onclick: () => this.commands.go(timeOf(item, key.time)) }, `frame ${frame}`),
      choice,
      el("button", { className: "icon quiet", "data-key": `del-${key.id}`, "aria-label": `Delete keyframe at frame ${frame}`, onclick: () => this.editor.commit([{ type: "delete_crop_keyframe", keyframe_id: key.id }], "Delete keyframe") }, "×"),
    );
  }

  jump(item, direction) {
    const source = sourceAt(item, this.crop.time(item));
    const keys = direction > 0 ? item.crops.filter((key) => key.time > source) : item.crops.filter((key) => key.time < source).reverse();
    if (keys.length) this.commands.go(timeOf(item, keys[0].time));
  }
}

function sourceOf(item) {
  const media = item.value.media;
  if (media.generator) return media.generator;
  const size = media.width ? ` ${media.width}×${media.height}` : "";
  if (media.asset_id) return `film${size}`;
  return media.url ? `address${size}` : media.sequence_id ? "nest" : "missing";
}

