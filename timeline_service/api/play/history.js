/** The versions: a slider over all of them, who did what in each, and the way back. */

import { stateOf } from "./client/index.js";
import { $, el, fill, say } from "./dom.js";
import { colorOf } from "./overlay.js";

const PAGE = 200;
const SHOWN = 250;

export class History {
  /** version → event */
  events = new Map();
  #wanted = null;
  #loading = null;

  constructor(editor) {
    this.editor = editor;
    this.client = editor.client;
    this.client.on("event", (item) => {
      this.events.set(item.version, item);
      this.changed();
    });
    this.client.on("change", () => this.bounds());
    $("version").addEventListener("input", () => this.show(Number($("version").value)));
    $("older").onclick = () => this.step(-1);
    $("newer").onclick = () => this.step(1);
    $("back-to-now").onclick = () => this.now();
    $("restore").onclick = () => void this.restore();
    editor.on("past", () => this.changed());
    editor.session.on("names", () => this.changed());
  }

  get head() {
    return this.client.version;
  }

  get shown() {
    return this.editor.past?.version ?? this.head;
  }

  bounds() {
    const slider = $("version");
    if (Number(slider.max) === this.head && !slider.dataset.stale) return;
    slider.max = String(Math.max(1, this.head));
    if (this.editor.past === null) slider.value = slider.max;
    this.changed();
  }

  step(by) {
    this.show(Math.min(Math.max(1, this.shown + by), this.head));
  }

  /** Show the timeline as it was. While one is on its way the newest wish replaces the others. */
  show(version) {
    $("version").value = String(version);
    if (version >= this.head) return this.now();
    this.label(version);
    this.#wanted = version;
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load() {
    try {
      while (this.#wanted !== null) {
        const version = this.#wanted;
        const data = await this.editor.session.api.state(this.editor.session.timelineId, version);
        if (this.#wanted === version) this.#wanted = null;
        if (this.#wanted !== null || Number($("version").value) !== version) continue;
        this.editor.showPast({ version, state: stateOf(data) });
        say(`Version ${version} of ${this.head}. ${this.events.get(version)?.description ?? ""}`);
      }
    } catch (error) {
      this.#wanted = null;
      this.editor.emit("notice", { text: `This version could not be read: ${error.message}` });
      this.now();
    } finally {
      this.#loading = null;
    }
  }

  now() {
    this.#wanted = null;
    $("version").value = $("version").max;
    if (this.editor.past !== null) this.editor.showPast(null);
    this.changed();
  }

  async restore() {
    const version = this.editor.past?.version;
    if (version === undefined) return;
    this.now();
    if (await this.editor.restore(version)) this.editor.emit("said", `Restored version ${version}. Undo takes it back.`);
  }

  label(version) {
    const past = version < this.head;
    $("version-label").textContent = past ? `version ${version} of ${this.head}` : `version ${this.head}`;
    const event = this.events.get(version);
    $("version-said").textContent = event ? `${this.editor.session.nameOf(event.actor)} ${event.description}` : "";
  }

  changed() {
    const past = this.editor.past !== null;
    $("app").dataset.past = String(past);
    $("restore").hidden = $("back-to-now").hidden = !past;
    $("older").disabled = this.shown <= 1;
    $("newer").disabled = !past;
    this.label(this.shown);
    if (!$("panel-history").hidden) this.draw();
  }

  /** The log was opened: read what this window has not seen happen. */
  async open() {
    this.draw();
    const oldest = Math.max(0, this.head - PAGE);
    if (this.events.has(oldest + 1) && this.events.has(this.head)) return;
    try {
      const page = await this.editor.session.api.events(this.editor.session.timelineId, { after_version: oldest, limit: PAGE });
      for (const item of page.items) this.events.set(item.version, { description: "a large edit", ...item });
    } catch {
      // The list shows what there is.
    }
    this.changed();
  }

  draw() {
    const newest = [...this.events.values()].sort((a, b) => b.version - a.version).slice(0, SHOWN);
    const rows = newest.map((item) =>
      el("li", {}, el("button", { "data-key": `v${item.version}`, "aria-current": String(item.version === this.shown && this.editor.past !== null), onclick: () => this.show(item.version) },
        el("span", { className: "dot", style: { "--who": colorOf(item.actor) } }),
        el("span", { className: "what" }, item.description),
        el("span", { className: "number" }, `v${item.version}`),
        el("span", { className: "by" }, byline(item, this.editor.session)),
      )),
    );
    fill($("panel-history"), rows.length ? el("ul", { className: "log", "aria-label": "Who did what" }, rows) : el("p", { className: "muted" }, "Nothing has happened yet."));
  }
}

function byline(item, session) {
  const when = item.recorded_at ? new Date(item.recorded_at).toLocaleTimeString() : "";
  const cause = item.cause ? ` · ${item.cause.kind}` : "";
  return `${item.actor ? session.nameOf(item.actor) : ""}${when ? ` · ${when}` : ""}${cause}`;
}
