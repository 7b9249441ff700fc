/** The bar above: the connection, who is here, steps to take back, the link. */

import { $, el, fill } from "./dom.js";
import { colorOf, meet } from "./overlay.js";
import { timecode } from "./time.js";

const REASONS = {
  forbidden: "You are not a member of its workspace any more", replaced: "Opened again in another window", protocol: "The service did not understand this page: reload it",
  too_old: "This page is too old for the service: reload it", unauthenticated: "Your token has expired: open the page with a new one",
};

export class Top {
  constructor(editor) {
    this.editor = editor;
    this.session = editor.session;
    this.client = editor.client;
    $("undo").onclick = () => void editor.flip("undo");
    $("redo").onclick = () => void editor.flip("redo");
    $("share").onclick = () => void this.share();
    this.client.on("undo", () => this.steps());
    this.session.on("status", () => this.connection());
    this.session.on("peers", () => this.people());
    this.client.on("change", () => this.connection());
    setInterval(() => this.connection(), 500);
  }

  draw() {
    const { model } = this.editor;
    $("name").textContent = model.name || "Untitled";
    document.title = `${model.name || "Untitled"} · Playground`;
    const fps = Math.round((model.rate.num / model.rate.den) * 1000) / 1000;
    const count = model.items.size;
    $("facts").textContent = `${model.width}×${model.height}, ${fps} fps, ${timecode(model.duration, model.rate)}, ${count} ${count === 1 ? "clip" : "clips"}`;
    this.steps();
    this.people();
    this.connection();
  }

  connection() {
    const { status, pendingCount, closeReason, retryAt } = this.client;
    const waiting = pendingCount ? `, ${pendingCount} ${status === "open" ? "on the way" : "queued"}` : "";
    const words = {
      open: `Live${waiting}`,
      connecting: `Connecting${waiting}`,
      offline: `Offline${waiting}`,
      closed: REASONS[closeReason] ?? `Closed: ${closeReason ?? ""}`,
    };
    const left = Math.ceil(((retryAt ?? 0) - Date.now()) / 1000);
    write($("status-words"), words[status]);
    write($("status-wait"), status === "offline" && left > 0 ? `, again in ${left} s` : "");
    const chip = $("status");
    // A try that is under way while gestures wait is no reason to look well.
    chip.dataset.state = status === "connecting" && chip.dataset.state === "offline" && pendingCount ? "offline" : status;
    chip.dataset.pending = String(pendingCount);
  }

  steps() {
    const { can_undo, can_redo, label } = this.client.undoState;
    $("undo").disabled = !can_undo;
    $("redo").disabled = !can_redo;
    $("undo").title = can_undo ? `Undo: you ${label ?? "did something"} (Ctrl Z)` : "You have nothing to undo";
    $("redo").title = can_redo ? "Redo (Ctrl Shift Z)" : "Nothing to redo";
  }

  people() {
    meet([this.session.me.id, ...[...this.client.peers.values()].map((peer) => peer.actor.id)]);
    const one = (actor, name, tip) => el("li", { style: { "--who": colorOf(actor.id) }, title: tip, "aria-label": tip, "data-person": actor.id }, [...name].slice(0, 2).join(""));
    const seen = new Map();
    for (const peer of this.client.peers.values()) seen.set(peer.actor.id, peer);
    const others = [...seen.values()].filter((peer) => peer.actor.id !== this.session.me.id);
    fill($("people"), one(this.session.me, this.session.me.name, `${this.session.me.name} (you)`), others.map((peer) => one(peer.actor, peer.actor.name, `${peer.actor.name}, ${peer.role}`)));
  }

  async share() {
    const link = `${location.origin}/play#timeline=${this.session.timelineId}`;
    try {
      await navigator.clipboard.writeText(link);
      this.editor.emit("notice", { text: "The link is copied. Whoever opens it needs a token of their own." });
    } catch {
      this.editor.emit("notice", { text: link });
    }
  }
}

/** Only what is new: the words are read aloud when they change. */
function write(box, text) {
  if (box.textContent !== text) box.textContent = text;
}
