/** Export: a format, its progress, the film. */

import { $, el, fill, say } from "./dom.js";

const PRESETS = [
  ["source", "As the timeline is"], ["landscape_720p", "Landscape 1280×720"], ["landscape_1080p", "Landscape 1920×1080"],
  ["vertical_720p", "Vertical 720×1280"], ["vertical_1080p", "Vertical 1080×1920"], ["square_720p", "Square 720×720"], ["square_1080p", "Square 1080×1080"],
];
const OVER = ["completed", "failed", "canceled"];

export class Exporting {
  constructor(editor) {
    this.editor = editor;
    this.api = editor.session.api;
    this.stopper = null;
    this.preset = "source";
    $("export").onclick = () => this.open();
    $("export-close").onclick = () => $("export-box").close();
  }

  open() {
    if (!this.stopper) this.ask();
    $("export-box").showModal();
  }

  ask(trouble = null) {
    const { model, client, past } = this.editor;
    const version = past?.version ?? client.version;
    const empty = model.duration === 0;
    const choice = el("select", { id: "preset", onchange: (event) => { this.preset = event.target.value; } }, PRESETS.map(([value, label]) => el("option", { value, selected: value === this.preset }, label)));
    fill($("export-body"), el("div", { className: "stack" },
      el("p", { className: "muted" }, `Version ${version}, ${model.width}×${model.height}. Rendered by the service's worker; MP4 with H.264 and AAC.`),
      el("label", { className: "field" }, el("span", {}, "Format"), choice),
      trouble ? el("p", { className: "error", role: "alert" }, trouble) : null,
      empty ? el("p", { className: "muted" }, "There is nothing on the timeline to export yet.") : null,
      el("div", { className: "row" }, el("button", { className: "primary", id: "export-go", disabled: empty, onclick: () => void this.run(version) }, "Start")),
    ));
  }

  async run(version) {
    this.stopper = new AbortController();
    try {
      const job = await this.api.export({ timeline_id: this.editor.session.timelineId, version, preset: this.preset });
      this.show(job);
      await this.watch(job);
    } catch (error) {
      this.ask(`${error.message} (${error.code ?? "network"})`);
    } finally {
      this.stopper = null;
    }
  }

  /** Follow the job to its end; where the stream of events ends early it is asked for, and followed again. */
  async watch(job) {
    let now = job;
    while (!OVER.includes(now.state)) {
      try {
        await this.editor.session.follow(now.id, (news) => { now = news; this.show(news); }, this.stopper.signal);
      } catch {
        await new Promise((wake) => setTimeout(wake, 1000));
      }
      if (!OVER.includes(now.state)) {
        now = await this.api.job(now.id).catch(() => now);
        this.show(now);
      }
    }
  }

  show(job) {
    if (job.state === "completed") return this.done(job);
    if (job.state !== "queued" && job.state !== "running") {
      say(`The export ${job.state}`);
      return this.ask(job.error ? `${job.error.message} (${job.error.code})` : `The export was ${job.state}.`);
    }
    const frames = job.frames_total ? `${job.frames_done} of ${job.frames_total} frames` : "";
    const bar = document.getElementById("export-progress");
    if (bar) {
      bar.value = job.progress;
      $("export-phase").textContent = phaseOf(job);
      $("export-frames").textContent = frames;
      return undefined;
    }
    return fill($("export-body"), el("div", { className: "stack" },
      el("div", { className: "between" }, el("strong", { id: "export-phase" }, phaseOf(job)), el("span", { id: "export-frames", className: "muted" }, frames)),
      el("progress", { id: "export-progress", max: 1, value: job.progress, "aria-label": "Progress" }),
      el("div", { className: "row" }, el("button", { onclick: () => void this.api.cancel(job.id).catch(() => undefined) }, "Cancel"),
        el("span", { className: "muted" }, "You can close this and go on editing.")),
    ));
  }

  done(job) {
    const { result } = job;
    const mega = (result.size / 1e6).toFixed(1);
    say("The export is ready");
    this.editor.emit("said", "The export is ready");
    return fill($("export-body"), el("div", { className: "stack" },
      el("video", { id: "film", src: result.url, controls: true, preload: "auto", muted: true }),
      el("p", { className: "muted" }, `${result.frames} frames, ${mega} MB, of version ${job.version}.${result.report.length ? ` ${result.report.length} things could not be drawn.` : ""}`),
      el("div", { className: "row" }, el("a", { href: result.url, download: result.filename, className: "button primary" }, "Download"),
        el("button", { onclick: () => this.ask() }, "Another format")),
    ));
  }
}

function phaseOf(job) {
  if (job.state === "queued") return "Waiting for a worker";
  return job.phase ? job.phase[0].toUpperCase() + job.phase.slice(1) : "Rendering";
}
