/** The upper layer of the timeline: playheads, cursors, what is being dragged here and elsewhere. Painted at every move. */

import { ACCENT, FONT, fitted, hatch, paintItem } from "./paint.js";
import { RULER } from "./view.js";

/** Far apart from each other, and from the accent. */
const PALETTE = ["#5cb8f5", "#ff86b3", "#6fdc8c", "#b79bff", "#4fd8cf", "#ff8577", "#b9dc5a", "#e08cf0"];
const present = new Map();

/** Who is here: no two of them share a colour while there are colours left, and all windows give the same ones. */
export function meet(actorIds) {
  present.clear();
  const taken = new Set();
  for (const id of [...new Set(actorIds)].sort()) {
    let place = placeOf(id);
    for (let n = 0; taken.has(place) && n < PALETTE.length; n++) place = (place + 1) % PALETTE.length;
    taken.add(place);
    present.set(id, PALETTE[place]);
  }
}

/** The colour of a person, bright enough for dark letters on it. */
export function colorOf(actorId) {
  return present.get(actorId) ?? PALETTE[placeOf(actorId)];
}

function placeOf(actorId) {
  let mixed = 0x811c9dc5;
  for (const letter of String(actorId)) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return (mixed >>> 8) % PALETTE.length;
}

/** `scene` as for the lower layer, with {playhead, drag, peers, leases, snapAt, marquee, hover, meId} */
export function paintOver(pen, scene) {
  const { view } = scene;
  pen.clearRect(0, 0, view.width, view.height);
  pen.save();
  pen.beginPath();
  pen.rect(0, RULER, view.width, view.height - RULER);
  pen.clip();
  for (const peer of scene.peers) paintPeer(pen, scene, peer);
  for (const lease of scene.leases) paintLease(pen, scene, lease);
  if (scene.hover) paintHover(pen, scene);
  if (scene.drag?.records) paintDrag(pen, scene);
  if (scene.marquee) paintMarquee(pen, scene.marquee);
  pen.restore();
  if (scene.snapAt !== null && scene.snapAt !== undefined) {
    pen.fillStyle = ACCENT;
    pen.fillRect(Math.round(view.x(scene.snapAt)), RULER, 1, view.height);
  }
  for (const peer of scene.peers) paintPeerPlace(pen, scene, peer);
  paintPlayhead(pen, view.x(scene.playhead), view.height, ACCENT, null);
}

/** Where an item is or, with fields of a preview over its own, where it would be. */
function placed(scene, id, fields) {
  const item = scene.model.items.get(id);
  if (item === undefined) return null;
  const track = scene.model.trackById.get(fields?.track_id ?? item.track.id);
  if (track === undefined || track.top === undefined) return null;
  const start = fields?.start ?? item.start;
  const duration = fields?.duration ?? item.duration;
  const x = scene.view.x(start);
  return { item, track, x, y: scene.view.y(track) + 3, width: duration / scene.view.ticksPerPixel, height: track.height - 7 };
}

function paintDrag(pen, scene) {
  const plain = { ...scene, lifted: null };
  for (const [id, fields] of Object.entries(scene.drag.records)) {
    const box = placed(scene, id, fields);
    if (box === null || box.x > scene.view.width || box.x + box.width < 0) continue;
    pen.globalAlpha = 0.9;
    paintItem(pen, plain, box.item, box.x, box.y, box.width, box.height);
    pen.globalAlpha = 1;
    if (scene.drag.blocked?.has(id)) {
      hatch(pen, box.x, box.y, box.width, box.height, "#ff7a70cc");
      outline(pen, box, "#ff7a70", []);
    }
  }
  if (scene.drag.tip) paintTip(pen, scene);
}

function paintTip(pen, scene) {
  const { x, y, text } = scene.drag.tip;
  pen.font = FONT;
  const width = pen.measureText(text).width + 16;
  const left = Math.min(Math.max(4, x + 12), scene.view.width - width - 4);
  const top = Math.max(RULER + 2, y - 34);
  pen.fillStyle = "#0b0c0fee";
  pen.beginPath();
  pen.roundRect(left, top, width, 22, 5);
  pen.fill();
  pen.fillStyle = "#e8eaee";
  pen.textBaseline = "middle";
  pen.fillText(text, left + 8, top + 11.5);
}

function paintHover(pen, scene) {
  const { item, edge, other } = scene.hover;
  const box = placed(scene, item.id, null);
  if (box === null) return;
  if (edge === "body") {
    outline(pen, box, "#ffffff55", []);
    return;
  }
  const x = edge === "start" ? box.x : box.x + box.width;
  pen.fillStyle = ACCENT;
  pen.fillRect(x - 1.5, box.y - 1, 3, box.height + 2);
  const arm = (side) => pen.fillRect(side < 0 ? x - 7 : x, box.y - 1, 7, 2.5);
  const foot = (side) => pen.fillRect(side < 0 ? x - 7 : x, box.y + box.height - 1.5, 7, 2.5);
  const inner = edge === "start" ? 1 : -1;
  arm(inner);
  foot(inner);
  if (other) {
    arm(-inner);
    foot(-inner);
  }
}

function paintMarquee(pen, box) {
  pen.fillStyle = "#f5a52422";
  pen.strokeStyle = ACCENT;
  pen.lineWidth = 1;
  const x = Math.min(box.fromX, box.toX);
  const y = Math.min(box.fromY, box.toY);
  pen.fillRect(x, y, Math.abs(box.toX - box.fromX), Math.abs(box.toY - box.fromY));
  pen.strokeRect(x + 0.5, y + 0.5, Math.abs(box.toX - box.fromX), Math.abs(box.toY - box.fromY));
}

function paintPeer(pen, scene, peer) {
  const color = colorOf(peer.actor.id);
  for (const id of peer.selection ?? []) {
    const box = placed(scene, id, null);
    if (box !== null && box.x < scene.view.width && box.x + box.width > 0) outline(pen, box, color, []);
  }
  const records = peer.preview?.records ?? {};
  let named = false;
  for (const [id, fields] of Object.entries(records)) {
    if (!fields || !["start", "duration", "track_id"].some((name) => name in fields)) continue;
    const box = placed(scene, id, fields);
    if (box === null) continue;
    pen.globalAlpha = 0.45;
    pen.fillStyle = color;
    pen.beginPath();
    pen.roundRect(box.x, box.y, Math.max(2, box.width - 1), box.height, 4);
    pen.fill();
    pen.globalAlpha = 1;
    outline(pen, box, color, [5, 3]);
    if (!named) tag(pen, peer.actor.name, color, box.x + 4, box.y + box.height - 17);
    named = true;
  }
}

function paintPeerPlace(pen, scene, peer) {
  const color = colorOf(peer.actor.id);
  if (typeof peer.playhead === "number") paintPlayhead(pen, scene.view.x(peer.playhead), scene.view.height, color, peer.actor.name);
  const cursor = peer.cursor;
  if (typeof cursor?.time !== "number") return;
  const track = scene.model.trackById.get(cursor.track);
  const x = scene.view.x(cursor.time);
  const y = track ? scene.view.y(track) + track.height * (cursor.part ?? 0.5) : RULER + 6;
  if (x < 0 || x > scene.view.width || y < RULER) return;
  pen.fillStyle = color;
  pen.strokeStyle = "#0d0e11";
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x + 4.5, y + 14);
  pen.lineTo(x + 7.5, y + 8.5);
  pen.lineTo(x + 13.5, y + 7.5);
  pen.closePath();
  pen.fill();
  pen.stroke();
  tag(pen, peer.actor.name, color, x + 11, y + 12);
}

function paintPlayhead(pen, x, height, color, name) {
  if (x < -40 || x > 10_000) return;
  const at = Math.round(x);
  pen.fillStyle = color;
  pen.globalAlpha = name === null ? 1 : 0.75;
  pen.fillRect(at, name === null ? 8 : 16, name === null ? 1.5 : 1, height);
  pen.beginPath();
  if (name === null) {
    pen.moveTo(at - 6, RULER - 22);
    pen.lineTo(at + 7, RULER - 22);
    pen.lineTo(at + 7, RULER - 13);
    pen.lineTo(at + 0.75, RULER - 6);
    pen.lineTo(at - 6, RULER - 13);
    pen.fill();
  } else {
    pen.globalAlpha = 1;
    tag(pen, name, color, at, 14);
  }
  pen.globalAlpha = 1;
}

function paintLease(pen, scene, lease) {
  const box = placed(scene, lease.record, null);
  if (box === null || !lease.holder) return;
  const mine = lease.holder.actor.id === scene.meId;
  const color = mine ? ACCENT : colorOf(lease.holder.actor.id);
  outline(pen, box, color, [2, 3]);
  const text = mine ? "held by you" : `held by ${lease.holder.actor.name}`;
  if (box.width > 60) tag(pen, fitted(pen, text, box.width - 12), color, box.x + 4, box.y + box.height - 17);
}

function outline(pen, box, color, dash) {
  pen.strokeStyle = color;
  pen.lineWidth = 1.5;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.roundRect(box.x + 0.75, box.y + 0.75, Math.max(1, box.width - 2.5), box.height - 1.5, 4);
  pen.stroke();
  pen.setLineDash([]);
}

function tag(pen, text, color, x, y) {
  if (!text) return;
  pen.font = FONT;
  const width = pen.measureText(text).width + 10;
  pen.fillStyle = color;
  pen.beginPath();
  pen.roundRect(x, y, width, 15, [0, 4, 4, 4]);
  pen.fill();
  pen.fillStyle = "#0d0e11";
  pen.textBaseline = "middle";
  pen.fillText(text, x + 5, y + 8);
}

