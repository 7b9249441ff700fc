/** The composition: who hears of what. */

import { Adding } from "./adding.js";
import { ClipPanel } from "./clip-panel.js";
import { Commands } from "./commands.js";
import { Crop } from "./crop.js";
import { $, say } from "./dom.js";
import { Editor } from "./editor.js";
import { Exporting } from "./exporting.js";
import { arrive, ask, forget, reasonOf } from "./gate.js";
import { Heads } from "./heads.js";
import { History } from "./history.js";
import { draw as drawKeys, listen, table } from "./keys.js";
import { Monitors } from "./monitors.js";
import { Options } from "./options.js";
import { Pictures } from "./pictures.js";
import { Player } from "./player.js";
import { Pointer } from "./pointer.js";
import { Session } from "./session.js";
import { Stage } from "./stage.js";
import { tabs } from "./tabs.js";
import { timecode } from "./time.js";
import { Toasts } from "./toasts.js";
import { Top } from "./top.js";
import { View } from "./view.js";

/** A session that is open; asks for a token and a timeline until there is one. */
async function enter() {
  let known = arrive();
  let trouble = null;
  for (;;) {
    if (!known.token || !known.timelineId || trouble !== null) known = await ask(known, trouble);
    const session = new Session(known.timelineId, known.token);
    try {
      await session.open();
      return session;
    } catch (error) {
      trouble = reasonOf(error);
      if (error.status === 401) {
        forget();
        known = { ...known, token: null };
      }
    }
  }
}

function furnish(session) {
  const view = new View();
  const editor = new Editor(session, view);
  const room = { session, editor, view };
  room.stage = new Stage($("stage"), $("base"), $("over"), view, () => scene(room));
  room.pictures = new Pictures(session, () => room.monitors.changed());
  room.crop = new Crop(editor, room.pictures, () => room.monitors.changed());
  room.player = new Player(editor, () => playing(room));
  room.monitors = new Monitors(editor, room.pictures, room.crop, room.player);
  room.commands = new Commands(editor, room.player);
  room.panel = new ClipPanel(editor, room.crop, room.commands);
  room.heads = new Heads(editor, view);
  room.options = new Options(editor);
  room.history = new History(editor);
  room.toasts = new Toasts(session);
  room.adding = new Adding(editor);
  room.exporting = new Exporting(editor);
  room.top = new Top(editor);
  room.pointer = new Pointer($("clips"), editor, room.stage);
  return room;
}

/** What the stage paints. */
function scene({ editor, session, view, crop }) {
  const { client } = editor;
  return {
    model: editor.model, view, selection: editor.selection, active: editor.active, keyframe: editor.keyframe,
    lifted: editor.drag?.records && Object.keys(editor.drag.records).length ? new Set(Object.keys(editor.drag.records)) : null,
    playhead: editor.playhead, drag: editor.drag, hover: editor.drag ? null : editor.hover, marquee: editor.marquee, snapAt: editor.drag?.snapAt ?? null,
    peers: editor.past ? [] : [...client.peers.values()], leases: editor.past ? [] : [...client.leases.values()], meId: session.me.id, crop,
  };
}

function playing({ player, monitors, pictures }) {
  $("play").setAttribute("aria-pressed", String(player.speed !== 0));
  $("play").setAttribute("aria-label", player.speed === 0 ? "Play" : "Stop");
  if (player.speed === 0) pictures.rest();
  monitors.changed();
}

function wire(room) {
  const { editor, stage, view, session } = room;
  const zoomed = () => {
    room.heads.scroll();
    $("zoom").value = String(Math.round(view.level(editor.model) * 1000));
    stage.changed();
  };
  stage.onResize = () => view.settle(editor.model);
  editor.on("first", () => view.fit(editor.model));
  editor.on("model", () => {
    view.settle(editor.model);
    $("start-here").hidden = editor.model.tracks.length > 0 || editor.past !== null || session.client.version === 0;
    for (const part of [room.top, room.heads, room.options, room.panel]) part.draw();
    room.monitors.changed();
    zoomed();
  });
  editor.on("selection", () => {
    for (const part of [room.heads, room.options, room.panel]) part.draw();
    $("delete").disabled = editor.selection.size === 0;
    room.monitors.changed();
    stage.changed();
  });
  editor.on("playhead", () => {
    $("timecode").textContent = timecode(editor.playhead, editor.model.rate);
    room.panel.draw();
    room.monitors.changed();
    stage.changed("over");
  });
  editor.on("view", zoomed);
  editor.on("drag", () => stage.changed());
  editor.on("tool", () => tools(editor));
  editor.on("notice", (notice) => room.toasts.show(notice.text));
  editor.on("said", (text) => say(text));
  editor.on("refused", (refusal) => room.toasts.refuse(refusal, editor.model));
  editor.on("kept", (conflict) => room.toasts.show(`Kept what ${session.nameOf(conflict.actor)} wrote since: ${conflict.field ?? conflict.record}`));
  session.client.on("refused", (refusal) => room.toasts.refuse(refusal, editor.model));
  session.client.on("error", (error) => room.toasts.show(error.message, { code: error.code }));
  session.client.on("leases", () => { room.panel.drawn = null; room.panel.draw(); stage.changed("over"); });
  session.on("peers", () => { stage.changed("over"); room.crop.draw(); });
}

function tools(editor) {
  for (const tool of ["select", "roll", "blade"]) $(`tool-${tool}`).setAttribute("aria-pressed", String(editor.tool === tool));
  $("snap").setAttribute("aria-pressed", String(editor.snap));
  $("hint").textContent = { select: "", roll: "Drag a cut between two clips that touch.", blade: "Click a clip to cut it." }[editor.tool];
}

function buttons(room) {
  const { editor, view, commands, player } = room;
  const middle = () => { const x = view.x(editor.playhead); return x >= 0 && x <= view.width ? x : view.width / 2; };
  const actions = {
    playPause: () => player.toggle(),
    zoom: (factor) => { view.zoom(factor, middle(), editor.model); editor.emit("view"); },
    fit: () => { view.fit(editor.model); editor.emit("view"); },
    version: (by) => room.history.step(by),
    cropKeyframe: () => room.crop.add(),
    help: () => $("keys").showModal(),
  };
  for (const tool of ["select", "roll", "blade"]) $(`tool-${tool}`).onclick = () => editor.setTool(tool);
  $("snap").onclick = () => editor.setSnap(!editor.snap);
  $("play").onclick = actions.playPause;
  $("split").onclick = () => void commands.split();
  $("delete").onclick = (event) => void commands.remove(event.shiftKey);
  $("zoom").oninput = () => { view.setLevel(Number($("zoom").value) / 1000, middle(), editor.model); editor.emit("view"); };
  $("zoom-in").onclick = () => actions.zoom(0.7);
  $("zoom-out").onclick = () => actions.zoom(1.4);
  $("fit").onclick = actions.fit;
  $("help").onclick = actions.help;
  $("skip").onclick = (event) => { event.preventDefault(); $("clips").focus(); }; // the fragment is the timeline's
  const sections = table(editor, commands, actions);
  listen(sections);
  drawKeys(sections);
  tabs((name) => {
    if (name === "history") void room.history.open();
    else if (name === "refused") room.toasts.read();
    else { room.panel.drawn = null; room.panel.draw(); }
  });
}

// Another link pasted over this one changes the fragment alone, and no page is loaded.
addEventListener("hashchange", () => location.reload());
const session = await enter();
const room = furnish(session);
wire(room);
buttons(room);
$("app").hidden = false;
room.stage.resize();
room.toasts.draw();
room.editor.refresh();
room.editor.emit("selection");
/** For the console, and for tests. */
globalThis.playground = room;
const wanted = Number(new URLSearchParams(location.search).get("clips"));
if (wanted > 0) {
  const stop = session.client.on("change", () => {
    stop();
    if (room.editor.model.items.size === 0) void room.adding.fillUp(Math.min(wanted, 10_000));
  });
}
