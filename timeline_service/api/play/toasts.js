/** What was refused and why, what happened, and what to do about it. */

import { $, el, fill, say } from "./dom.js";
import { span } from "./time.js";

const SHOWN_MS = 9_000;
const MOST = 3;
const MOST_LETTERS = 48;
/** What a person can do, by code. */
const ADVICE = {
  overlap: "Drop it where there is room, hold Alt to overwrite or Ctrl to push the rest along.",
  no_handle: "The film has no more pictures there. Trim less, or slip the clip.",
  track_locked: "Unlock the track (L in its head), or use another one.",
  leased: "Somebody is working on it and asked to be alone. Wait a moment, or talk to them.",
  stale_field: "Look at what it is now, then decide again.",
  undo_conflict: "Your step was changed by somebody since. Their edit stays.",
  nothing_to_undo: "All your steps are taken back already. Steps of others are theirs.",
  nothing_to_redo: "There is nothing of yours to do again.",
  clip_missing: "Somebody has deleted it meanwhile. It is in the history.",
  keyframe_exists: "There is one at this picture already: change that one.",
  at_edge: "Put the playhead inside the clip.",
  too_short: "A clip has one frame at least.",
  not_adjacent: "The two clips must touch.",
  negative_time: "Nothing lies before the beginning.",
  media_missing: "The film is not ready yet, or is not in this workspace.",
  forbidden: "Your role here allows looking only. An owner can change it.",
  rate_limited: "Too much at once: wait a second.",
  kind_mismatch: "That kind of track does not take it.",
  in_transition: "A transition is in the way: remove it, or cut beside it.",
};

export class Toasts {
  constructor(session) {
    this.session = session;
    this.refused = [];
    this.seen = 0;
  }

  /** A refused gesture. `refusal`: {gesture, result} */
  refuse(refusal, model) {
    const { result, gesture } = refusal;
    const details = result.details ?? {};
    const entry = {
      code: result.code, type: gesture.type ?? "?", message: result.message ?? result.code, at: new Date(),
      who: this.who(result), todo: this.advice(result, details, model), label: brief(model.items.get(gesture.clip_id ?? gesture.clip_ids?.[0] ?? details.clip_id)?.label ?? null),
    };
    this.refused.unshift(entry);
    this.refused.length = Math.min(this.refused.length, 100);
    this.seen += 1;
    this.draw();
    this.show(entry.message, { code: entry.code, todo: [entry.who, entry.todo].filter(Boolean).join(" "), refused: true, title: this.title(entry) });
  }

  title(entry) {
    const what = entry.type.replaceAll("_", " ");
    return entry.label ? `Refused: ${what} “${entry.label}”` : `Refused: ${what}`;
  }

  who(result) {
    const actors = new Set((result.conflicts ?? []).map((conflict) => conflict.actor).filter(Boolean));
    if (typeof result.details?.actor === "string") actors.add(result.details.actor);
    if (result.details?.actor?.name) return `${result.details.actor.name} has it.`;
    const names = [...actors].map((actor) => this.session.nameOf(actor));
    return names.length ? `By ${names.join(", ")}.` : null;
  }

  advice(result, details, model) {
    const legal = details.legal?.delta;
    if (legal && (legal.min !== null || legal.max !== null)) return `${within(legal, model.rate)} ${ADVICE[result.code] ?? ""}`;
    return ADVICE[result.code] ?? (result.retry ? "The same may succeed in a moment." : "Nothing was changed.");
  }

  show(text, { code = null, todo = null, refused = false, title = null, acts = [] } = {}) {
    const box = $("toasts");
    while (box.children.length >= MOST) box.firstChild.remove();
    const toast = el(
      "div",
      { className: refused ? "toast refused" : "toast", "data-code": code ?? "" },
      el("p", { className: "first" }, title ?? text),
      el("button", { className: "close", "aria-label": "Dismiss", onclick: () => toast.remove() }, "×"),
      title || todo ? el("p", { className: "todo" }, title ? `${text} ` : "", todo ?? "", code ? " " : "", code ? el("code", {}, code) : "") : null,
      acts.length ? el("div", { className: "acts" }, acts.map(([label, act]) => el("button", { onclick: () => { toast.remove(); act(); } }, label))) : null,
    );
    box.append(toast);
    say([title, text, todo].filter(Boolean).join(". "));
    let timer = setTimeout(() => toast.remove(), SHOWN_MS);
    toast.addEventListener("pointerenter", () => clearTimeout(timer));
    toast.addEventListener("pointerleave", () => { timer = setTimeout(() => toast.remove(), SHOWN_MS / 3); });
  }

  draw() {
    const count = $("refused-count");
    count.hidden = this.seen === 0;
    count.textContent = String(this.seen);
    const list = this.refused.map((entry) =>
      el("li", { className: "refusal" }, el("strong", {}, this.title(entry)), el("span", {}, entry.message), el("span", { className: "todo" }, [entry.who, entry.todo].filter(Boolean).join(" ")),
        el("span", {}, el("code", {}, entry.code), el("span", { className: "muted" }, ` ${entry.at.toLocaleTimeString()}`))),
    );
    fill($("panel-refused"), list.length ? el("ul", { className: "refusals" }, list) : el("p", { className: "muted" }, "Nothing was refused in this window so far. When a gesture is, it stands here with the reason, who is in the way, and what you can do."));
  }

  /** The list was looked at. */
  read() {
    this.seen = 0;
    this.draw();
  }
}

/** A name that leaves room for the reason. */
function brief(label) {
  const letters = [...(label ?? "")];
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS).join("")}…` : label;
}

/** What would be legal, in words. `legal`: {min, max} in ticks, null where nothing bounds it. */
function within({ min, max }, rate) {
  const told = (n) => (n > 0 ? `+${span(n, rate)}` : span(n, rate));
  if (min === null) return `It could go by ${told(max)} at most.`;
  if (max === null) return `It could go by ${told(min)} or later.`;
  if (min === 0 && max === 0) return "There is no room for it on either side.";
  return min === max ? `It can only go by ${told(min)}.` : `It could go by ${told(min)} to ${told(max)}.`;
}
