/** What keys, buttons and menus do: each command in one place, whoever asks for it. */

import { newId } from "./client/index.js";
import { firstAfter, itemAt } from "./model.js";
import { say } from "./dom.js";
import { handlesOf } from "./drags.js";
import { ticks, timecode, toFrame } from "./time.js";

const RATES = [1, 2, 4];

export class Commands {
  constructor(editor, player) {
    this.editor = editor;
    this.player = player;
  }

  get model() {
    return this.editor.model;
  }

  /** The clips a cut at the playhead concerns: chosen ones under it, else what is seen and heard there on open tracks. */
  under() {
    const time = this.editor.playhead;
    const within = (item) => item.kind === "clip" && item.start < time && time < item.end;
    const chosen = this.editor.chosen.filter(within);
    if (chosen.length) return chosen;
    const tracks = this.model.tracks.filter((track) => !track.locked && track.kind !== "caption");
    const found = tracks.map((track) => itemAt(track, time)).filter((item) => item !== null && within(item));
    return found.slice(0, 1);
  }

  split() {
    const found = this.under();
    if (!found.length) return this.nothing("There is no clip under the playhead to split.");
    const at = ticks(this.editor.playhead);
    const linked = new Set();
    const gestures = [];
    for (const item of found) {
      if (item.value.link_id && linked.has(item.value.link_id)) continue;
      linked.add(item.value.link_id);
      gestures.push({ type: "split", clip_id: item.id, at, new_id: newId() });
    }
    return this.editor.commit(gestures, "Split");
  }

  remove(ripple) {
    const chosen = this.editor.chosen;
    if (!chosen.length) return this.nothing("Choose what to delete first.");
    if (!this.editor.mayEdit()) return undefined;
    const clips = chosen.filter((item) => item.kind === "clip").map((item) => item.id);
    const gestures = chosen.filter((item) => item.kind === "caption").map((item) => ({ type: "remove_caption", caption_id: item.id }));
    if (clips.length && ripple) gestures.push({ type: "ripple_delete", clip_ids: clips, scope: "track" });
    else gestures.push(...this.lifted(chosen));
    const next = this.neighbour(chosen.at(-1));
    this.editor.select(next ? [next.id] : [], next?.id ?? null);
    return this.editor.commit(gestures, ripple ? "Ripple delete" : "Delete");
  }

  /** One gesture per clip, but none for what goes with its partner. */
  lifted(chosen) {
    const links = new Set();
    return chosen.flatMap((item) => {
      if (item.kind !== "clip" || (item.value.link_id && links.has(item.value.link_id))) return [];
      links.add(item.value.link_id);
      return [{ type: "remove_clip", clip_id: item.id }];
    });
  }

  neighbour(item) {
    const items = item.track.items;
    const place = items.indexOf(item);
    const free = (other) => other && !this.editor.selection.has(other.id);
    return [items[place + 1], items[place - 1]].find(free) ?? null;
  }

  /** Bring an edge of the chosen clip to the playhead. */
  trimTo(edge) {
    const item = this.editor.activeItem ?? this.under()[0];
    if (!item || item.kind !== "clip") return this.nothing("Choose a clip to trim first.");
    const time = this.editor.playhead;
    if (time === (edge === "start" ? item.start : item.end)) return this.nothing("The edge is at the playhead already.");
    const delta = time - (edge === "start" ? item.start : item.end);
    return this.editor.commit([{ type: "trim", clip_id: item.id, edge, delta: ticks(delta) }], `Trim ${edge}`);
  }

  nudge(frames) {
    const chosen = this.editor.chosen;
    if (!chosen.length) return this.nothing("Choose a clip to nudge first.");
    const delta = frames * this.model.perFrame;
    const clips = chosen.filter((item) => item.kind === "clip").map((item) => item.id);
    const gestures = chosen
      .filter((item) => item.kind === "caption")
      .map((item) => ({ type: "update_caption", caption_id: item.id, start: ticks(item.start + delta) }));
    if (clips.length) gestures.push({ type: "move", clip_ids: clips, delta: ticks(delta) });
    return this.editor.commit(gestures, "Nudge");
  }

  /** The cut beside the chosen clip: with the keys it rolls by frames. */
  rollBy(frames) {
    const right = this.editor.activeItem;
    const left = right?.track.items[right.track.items.indexOf(right) - 1];
    if (!left || left.end !== right.start) return this.nothing("Choose a clip that touches the one before it to roll their cut.");
    const delta = frames * this.model.perFrame;
    return this.editor.commit([{ type: "roll", left_id: left.id, right_id: right.id, delta: ticks(delta) }], "Roll");
  }

  slip(frames) {
    const item = this.editor.activeItem;
    if (item?.kind !== "clip" || handlesOf(item).before === Infinity) return this.nothing("Choose a clip of a film to slip.");
    return this.editor.commit([{ type: "slip", clip_id: item.id, delta: ticks(frames * this.model.perFrame) }], "Slip");
  }

  moveTrack(offset) {
    const clips = this.editor.chosen.filter((item) => item.kind === "clip").map((item) => item.id);
    if (!clips.length) return this.nothing("Choose a clip to move to another track.");
    return this.editor.commit([{ type: "move", clip_ids: clips, delta: ticks(0), track_offset: offset }], "Move to track");
  }

  // ---- the playhead
  step(frames) {
    this.player.pause();
    this.go(toFrame(this.editor.playhead, this.model.perFrame) + frames * this.model.perFrame);
  }

  go(time) {
    this.editor.setPlayhead(time);
    this.editor.view.reveal(this.editor.playhead, this.model);
    this.editor.emit("view");
    say(timecode(this.editor.playhead, this.model.rate));
  }

  /** The next edge of any clip. */
  edit(direction) {
    const time = this.editor.playhead;
    let best = direction > 0 ? Infinity : 0;
    for (const track of this.model.tracks) {
      const near = firstAfter(track.items, direction > 0 ? time : time - 1);
      for (const item of track.items.slice(Math.max(0, near - 1), near + 2)) {
        for (const edge of [item.start, item.end]) {
          if (direction > 0 && edge > time) best = Math.min(best, edge);
          if (direction < 0 && edge < time) best = Math.max(best, edge);
        }
      }
    }
    if (best !== Infinity) this.go(best);
  }

  shuttle(direction) {
    if (direction === 0) return this.player.pause();
    const now = this.player.speed;
    const faster = Math.sign(now) === direction ? RATES[Math.min(RATES.indexOf(Math.abs(now)) + 1, RATES.length - 1)] : 1;
    return this.player.play(direction * faster);
  }

  // ---- choosing
  /** The next clip in reading order; false where there is none. */
  cycle(direction) {
    const all = this.model.tracks.flatMap((track) => track.items);
    if (!all.length) return false;
    const place = all.indexOf(this.editor.activeItem);
    const next = place < 0 ? (direction > 0 ? 0 : all.length - 1) : place + direction;
    if (next < 0 || next >= all.length) return false;
    this.choose(all[next]);
    return true;
  }

  choose(item) {
    this.editor.select([item.id], item.id);
    this.editor.view.reveal(item.start, this.model);
    const y = item.track.top;
    const room = this.editor.view.height - 60 - item.track.height;
    if (y < this.editor.view.top) this.editor.view.top = y;
    else if (y > this.editor.view.top + room) this.editor.view.top = Math.max(0, y - room);
    this.editor.emit("view");
  }

  selectAll() {
    this.editor.select(this.model.items.keys(), this.editor.active);
    say(`${this.model.items.size} chosen`);
  }

  async hold() {
    const item = this.editor.activeItem;
    if (!item) return this.nothing("Choose a clip to hold first.");
    const { client } = this.editor;
    const held = client.leases.get(item.id);
    const mine = held?.holder.actor.id === this.editor.session.me.id;
    const answer = await client.lease(item.id, mine ? "release" : "acquire", { ttl_ms: 60_000 });
    if (mine) return this.editor.emit("said", `Released ${item.label}`);
    if (answer.granted) return this.editor.emit("said", `You hold ${item.label} for a minute: others cannot change it`);
    const by = answer.lease?.holder.actor.name;
    return this.editor.emit("notice", { text: by ? `${item.label} is held by ${by}.` : "It could not be held just now." });
  }

  nothing(text) {
    this.editor.emit("notice", { text });
  }
}
