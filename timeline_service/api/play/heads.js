/** The heads of the tracks: name, hidden, muted, locked. */

import { $, el, fill } from "./dom.js";
import { RULER } from "./view.js";

const LETTER = { video: "V", audio: "A", caption: "C" };

export class Heads {
  constructor(editor, view) {
    this.editor = editor;
    this.view = view;
    this.drawn = "";
  }

  draw() {
    const { model } = this.editor;
    const active = this.editor.activeItem?.track.id ?? null;
    const now = JSON.stringify([active, model.tracks.map((t) => [t.id, t.name, t.number, t.locked, t.muted, t.enabled, t.top])]);
    if (now !== this.drawn) {
      this.drawn = now;
      fill($("heads"), model.tracks.map((track) => this.head(track, track.id === active)));
    }
    this.scroll();
  }

  scroll() {
    $("heads").style.transform = `translateY(${RULER - this.view.top}px)`;
  }

  head(track, active) {
    const code = `${LETTER[track.kind]}${track.number}`;
    const name = track.name || `${track.kind[0].toUpperCase()}${track.kind.slice(1)} ${track.number}`;
    const flag = (letter, label, on, gesture, optional) =>
      el("button", {
        className: "flag", "aria-pressed": String(on), "aria-label": `${label} ${name}`, title: label, "data-key": `${track.id}-${letter}`,
        ...(optional ? { "data-optional": "" } : {}), onclick: () => this.editor.commit([gesture], label),
      }, letter);
    return el(
      "div",
      { className: "head", role: "listitem", "data-active": String(active), "data-track": track.id, style: { top: `${track.top}px`, height: `${track.height}px` } },
      el("span", { className: "kind" }, code),
      el("button", { className: "called", title: "Rename", "data-key": `${track.id}-name`, onclick: () => this.rename(track, name) }, name),
      flag("H", "Hide", !track.enabled, { type: "hide_track", track_id: track.id, hidden: track.enabled }, true),
      track.kind === "caption" ? null : flag("M", "Mute", track.muted, { type: "mute_track", track_id: track.id, muted: !track.muted }, true),
      flag("L", "Lock", track.locked, { type: "lock_track", track_id: track.id, locked: !track.locked }),
    );
  }

  rename(track, name) {
    if (!this.editor.mayEdit()) return;
    const row = $("heads").querySelector(`[data-track="${CSS.escape(track.id)}"] .called`);
    const field = el("input", { value: name, "aria-label": "Name of the track" });
    const done = (take) => {
      const wanted = field.value.trim();
      this.drawn = "";
      this.draw();
      if (take && wanted && wanted !== name) void this.editor.commit([{ type: "rename_track", track_id: track.id, name: wanted }], "Rename track");
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") field.blur();
      if (event.key === "Escape") {
        field.value = name;
        field.blur();
      }
    });
    field.addEventListener("blur", () => done(true), { once: true });
    row.replaceWith(field);
    field.select();
    field.focus();
  }
}
