/** The tabs of the side panel: arrows go from one to the next, as in any list of tabs. */

import { $ } from "./dom.js";

/** `onOpen` is told which: clip, history, refused. */
export function tabs(onOpen) {
  const all = [...document.querySelectorAll('[role="tab"]')];
  const open = (tab) => {
    for (const one of all) {
      const chosen = one === tab;
      one.setAttribute("aria-selected", String(chosen));
      one.tabIndex = chosen ? 0 : -1;
      $(one.getAttribute("aria-controls")).hidden = !chosen;
    }
    onOpen(tab.id.slice(4));
  };
  for (const tab of all) {
    tab.onclick = () => open(tab);
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = all[(all.indexOf(tab) + step + all.length) % all.length];
      open(next);
      next.focus();
      event.preventDefault();
      event.stopPropagation();
    });
  }
}
