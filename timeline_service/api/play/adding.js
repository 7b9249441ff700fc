/** Adding: tracks, generated clips, films from this machine, a demo to begin with. */

import { newId } from "./client/index.js";
import { $, el, fill } from "./dom.js";
import { cut, filler } from "./demo.js";
import { firstAfter } from "./model.js";
import { ticks, toFrame } from "./time.js";

const SECONDS = 3;
const COLORS = ["#3a6ea5", "#a5573a", "#4a8f5c", "#8a5aa8", "#b0903a", "#3a9aa5"];

export class Adding {
  constructor(editor) {
    this.editor = editor;
    $("add").onclick = () => this.toggle();
    $("file").onchange = () => void this.upload([...$("file").files]);
    $("start-demo").onclick = () => void this.demo();
    $("start-upload").onclick = () => $("file").click();
    document.addEventListener("pointerdown", (event) => {
      if (!event.target.closest(".menu-box")) this.close();
    });
    $("add-menu").addEventListener("keydown", (event) => this.key(event));
    for (const name of ["dragover", "drop"]) {
      document.addEventListener(name, (event) => {
        event.preventDefault();
        if (name === "drop" && event.dataTransfer?.files.length) void this.upload([...event.dataTransfer.files]);
      });
    }
  }

  get model() {
    return this.editor.model;
  }

  toggle() {
    const menu = $("add-menu");
    if (!menu.hidden) return this.close();
    const entry = (label, note, act) => el("button", { role: "menuitem", tabIndex: -1, onclick: () => { this.close(); $("add").focus(); act(); } }, label, el("small", {}, note));
    fill(menu,
      entry("Upload a film…", "or drop it here", () => $("file").click()), el("hr"),
      entry("Colour", `${SECONDS} s`, () => this.generator("color")), entry("Title", `${SECONDS} s`, () => this.generator("title")),
      entry("Tone", `${SECONDS} s`, () => this.generator("tone")), entry("Caption", `${SECONDS} s`, () => this.caption()),
      entry("Marker", "at the playhead", () => this.marker()), el("hr"),
      entry("Video track", "", () => this.track("video")), entry("Audio track", "", () => this.track("audio")), entry("Caption track", "", () => this.track("caption")), el("hr"),
      entry("Demo: 12 clips", "at the end", () => void this.demo()));
    menu.hidden = false;
    $("add").setAttribute("aria-expanded", "true");
    menu.querySelector("button").focus();
  }

  close() {
    $("add-menu").hidden = true;
    $("add").setAttribute("aria-expanded", "false");
  }

  key(event) {
    const entries = [...$("add-menu").querySelectorAll("button")];
    const place = entries.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) entries[(place + step + entries.length) % entries.length].focus();
    else if (event.key === "Home" || event.key === "End") entries.at(event.key === "Home" ? 0 : -1).focus();
    else if (event.key === "Escape" || event.key === "Tab") {
      this.close();
      $("add").focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  track(kind) {
    return this.editor.commit([{ type: "add_track", kind }], `Add ${kind} track`);
  }

  /** A track of a kind with room at a place, and the gestures that make one where there is none. */
  place(kind, start, duration) {
    const fits = (track) => {
      const item = track.items[firstAfter(track.items, start)];
      return track.kind === kind && !track.locked && (item === undefined || item.start >= start + duration);
    };
    const active = this.editor.activeItem?.track;
    const free = [active, ...[...this.model.tracks].reverse()].find((track) => track && fits(track));
    if (free) return { trackId: free.id, before: [] };
    const trackId = newId();
    return { trackId, before: [{ type: "add_track", track_id: trackId, kind }] };
  }

  async put(kind, label, make) {
    const duration = toFrame(SECONDS * 705_600_000, this.model.perFrame);
    const start = toFrame(this.editor.playhead, this.model.perFrame);
    const { trackId, before } = this.place(kind, start, duration);
    const id = newId();
    const results = await this.editor.commit([...before, make(id, trackId, ticks(start), ticks(duration))], label);
    if (results.length && results.every((result) => result.ok)) this.editor.select([id], id);
  }

  generator(generator) {
    const color = COLORS[this.model.items.size % COLORS.length];
    if (generator === "title") {
      return this.put("video", "Add title", (clip_id, track_id, start, duration) => ({ type: "add_title", clip_id, track_id, start, duration, text: "A title", name: "Title" }));
    }
    const media = generator === "color" ? { generator, params: { color } } : { generator, params: { hertz: 440 } };
    const name = generator === "color" ? "Colour" : "Tone";
    return this.put(generator === "tone" ? "audio" : "video", `Add ${generator}`, (clip_id, track_id, start, duration) => ({ type: "add_clip", clip_id, track_id, media, start, duration, name }));
  }

  caption() {
    return this.put("caption", "Add caption", (caption_id, track_id, start, duration) => ({ type: "add_caption", caption_id, track_id, start, duration, text: "A caption" }));
  }

  marker() {
    return this.editor.commit([{ type: "add_marker", time: ticks(this.editor.playhead), name: "Look here", color: "YELLOW" }], "Add marker");
  }

  demo() {
    return this.editor.commit(cut(this.model), "Demo");
  }

  /** Many clips, by gestures, in batches that the service takes. */
  async fillUp(count) {
    for (const batch of filler(this.model, count)) {
      const results = await this.editor.commit(batch, "Fill");
      if (results.some((result) => !result.ok)) return;
    }
  }

  // ---- films
  async upload(files) {
    $("file").value = "";
    if (!this.editor.mayEdit()) return;
    for (const file of files) {
      try {
        await this.film(file);
      } catch (error) {
        this.editor.emit("notice", { text: `${file.name} was not taken: ${error.message}` });
      }
    }
  }

  async film(file) {
    const { session } = this.editor;
    const told = (text) => { $("hint").textContent = text; };
    told(`${file.name}: sending`);
    let asset = await session.api.upload(await session.workspace(), file, (sent, total) => told(`${file.name}: ${Math.round((sent / total) * 100)} %`));
    while (asset.status !== "ready") {
      if (asset.status === "failed") throw new Error("the service cannot read it");
      told(`${file.name}: being looked at`);
      await new Promise((wake) => setTimeout(wake, 300));
      asset = await session.api.asset(asset.id);
    }
    told("");
    await this.lay(asset, file.name);
  }

  /** Put a film behind the last clip of a track of its kind. */
  async lay(asset, name) {
    const kind = asset.kind === "audio" ? "audio" : "video";
    const long = asset.duration ?? SECONDS * 705_600_000;
    const duration = Math.max(1, Math.floor(long / this.model.perFrame)) * this.model.perFrame;
    const track = [...this.model.tracks].reverse().find((row) => row.kind === kind && !row.locked);
    const trackId = track?.id ?? newId();
    const clipId = newId();
    const gestures = track ? [] : [{ type: "add_track", track_id: trackId, kind }];
    gestures.push({ type: "add_clip", clip_id: clipId, track_id: trackId, media: { asset_id: asset.id }, duration: ticks(duration), mode: "append", name });
    const results = await this.editor.commit(gestures, "Add film");
    if (results.length && results.every((result) => result.ok)) this.editor.select([clipId], clipId);
  }
}
