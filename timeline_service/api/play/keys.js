/** The keyboard: one table that is both what works and what the overlay shows. */

import { $, el, fill } from "./dom.js";

/** [title, [[keys shown, what it does, test of the event, command], …]] */
export function table(editor, commands, actions) {
  const key = (...names) => (event) => names.includes(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
  const plain = (...names) => (event) => key(...names)(event) && !event.shiftKey;
  const shift = (...names) => (event) => key(...names)(event) && event.shiftKey;
  const meta = (name, shifted) => (event) => (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === name && event.shiftKey === shifted;
  const alt = (name, shifted) => (event) => event.altKey && event.key === name && event.shiftKey === shifted;
  return [
    ["Playhead", [
      ["J", "Play backwards; again: faster", plain("j"), () => commands.shuttle(-1)],
      ["K", "Stop", plain("k"), () => commands.shuttle(0)],
      ["L", "Play; again: faster", plain("l"), () => commands.shuttle(1)],
      ["Space", "Play or stop", plain(" "), () => actions.playPause()],
      ["← →", "One frame", plain("ArrowLeft", "ArrowRight"), (event) => commands.step(event.key === "ArrowLeft" ? -1 : 1)],
      ["Shift ← →", "One second", shift("ArrowLeft", "ArrowRight"), (event) => commands.step((event.key === "ArrowLeft" ? -1 : 1) * Math.round(editor.model.rate.num / editor.model.rate.den))],
      ["↑ ↓", "Edit before, edit after", plain("ArrowUp", "ArrowDown"), (event) => commands.edit(event.key === "ArrowUp" ? -1 : 1)],
      ["Home End", "Beginning, end", plain("Home", "End"), (event) => commands.go(event.key === "Home" ? 0 : editor.model.duration)],
    ]],
    ["Choose", [
      ["Tab", "Next clip; Shift+Tab: the one before", (event) => event.key === "Tab" && !event.ctrlKey && !event.altKey, (event) => commands.cycle(event.shiftKey ? -1 : 1)],
      ["Ctrl A", "All", meta("a", false), () => commands.selectAll()],
      ["Esc", "Nothing; give a drag up", plain("Escape"), () => (editor.drag ? editor.cancelDrag() : editor.select([], null))],
    ]],
    ["Edit", [
      ["S", "Split at the playhead", plain("s"), () => commands.split()],
      ["I", "Trim the start to the playhead", plain("i"), () => commands.trimTo("start")],
      ["O", "Trim the end to the playhead", plain("o"), () => commands.trimTo("end")],
      [", .", "Nudge by a frame; also Alt ← →", (event) => plain(",", ".")(event) || alt("ArrowLeft", false)(event) || alt("ArrowRight", false)(event), (event) => commands.nudge(event.key === "," || event.key === "ArrowLeft" ? -1 : 1)],
      ["Alt Shift ← →", "Nudge by ten frames", (event) => alt("ArrowLeft", true)(event) || alt("ArrowRight", true)(event), (event) => commands.nudge(event.key === "ArrowLeft" ? -10 : 10)],
      ["Alt ↑ ↓", "To the track above, below", (event) => alt("ArrowUp", false)(event) || alt("ArrowDown", false)(event), (event) => commands.moveTrack(event.key === "ArrowUp" ? 1 : -1)],
      ["[ ]", "Roll the cut before the clip by a frame", plain("[", "]"), (event) => commands.rollBy(event.key === "[" ? -1 : 1)],
      ["; '", "Slip the picture by a frame", plain(";", "'"), (event) => commands.slip(event.key === ";" ? -1 : 1)],
      ["Delete", "Delete, leave a gap", plain("Delete", "Backspace"), () => commands.remove(false)],
      ["Shift Delete", "Delete and close the gap", shift("Delete", "Backspace"), () => commands.remove(true)],
      ["C", "Set a crop keyframe at the playhead", plain("c"), () => actions.cropKeyframe()],
      ["H", "Hold the clip for a minute, or release it", plain("h"), () => commands.hold()],
    ]],
    ["Steps", [
      ["Ctrl Z", "Undo my last step", meta("z", false), () => editor.flip("undo")],
      ["Ctrl Shift Z", "Redo it", (event) => meta("z", true)(event) || meta("y", false)(event), () => editor.flip("redo")],
      ["Alt PgUp PgDn", "A version back, on", (event) => alt("PageUp", false)(event) || alt("PageDown", false)(event), (event) => actions.version(event.key === "PageUp" ? -1 : 1)],
    ]],
    ["Tools and view", [
      ["V", "Select tool", plain("v"), () => editor.setTool("select")],
      ["R", "Roll tool", plain("r"), () => editor.setTool(editor.tool === "roll" ? "select" : "roll")],
      ["B", "Blade tool", plain("b"), () => editor.setTool("blade")],
      ["N", "Snap on or off", plain("n"), () => editor.setSnap(!editor.snap)],
      ["+ −", "Zoom at the playhead", (event) => key("+", "=", "-", "_")(event), (event) => actions.zoom("+=".includes(event.key) ? 0.7 : 1.4)],
      ["\\", "Show all of it", plain("\\"), () => actions.fit()],
      ["?", "These keys", key("?"), () => actions.help()],
    ]],
    ["With the mouse", [
      ["Drag a clip", "Move it; Alt overwrites, Ctrl makes room", null, null],
      ["Drag an edge", "Trim; with Shift later clips follow", null, null],
      ["Drag a diamond", "Move a crop keyframe", null, null],
      ["Drag the ground", "Choose what lies in the frame", null, null],
      ["Wheel", "Pan; with Ctrl or a pinch: zoom", null, null],
    ]],
  ];
}

/** Listen everywhere but in fields, dialogs and menus. */
export function listen(sections) {
  const rows = sections.flatMap(([, list]) => list).filter(([, , test]) => test !== null);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (!event.altKey && own(event.target).includes(event.key)) return;
    if (event.key === "Tab" && document.activeElement !== $("clips")) return;
    const row = rows.find(([, , test]) => test(event));
    if (row && row[3](event) !== false) event.preventDefault();
  });
}

const PRESS = [" ", "Enter", "Tab"];
const MOVE = [...PRESS, "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

/** The keys that a control has a use for itself. A button has none for arrows: after a click on it they step on. */
function own(target) {
  if (target.closest?.("select, input, [role=menu], [role=tab], summary, .crop, video")) return MOVE;
  return target.closest?.("button, a") ? PRESS : [];
}

function typing(target) {
  return target.matches?.("textarea, input:not([type=range], [type=checkbox], [type=radio])");
}

/** The overlay behind `?`. */
export function draw(sections) {
  const chord = (keys) => el("span", { className: "chord" }, keys.split(" ").map((name) => (/^[a-z]{2,}$/.test(name) ? `${name} ` : el("kbd", {}, name))));
  fill(
    $("keys-list"),
    sections.map(([title, rows]) =>
      el("section", {}, el("h3", {}, title), rows.map(([keys, what, test]) => el("div", {}, el("span", {}, what), test === null ? el("span", { className: "muted" }, keys) : chord(keys)))),
    ),
  );
  $("keys-close").onclick = () => $("keys").close();
}
