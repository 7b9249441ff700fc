/** The way in: a token and a timeline, from the link or typed. The token never stays in the address bar. */

import { TimelineApi } from "./client/index.js";
import { $ } from "./dom.js";

const SHAPES = { wide: [1920, 1080], tall: [1080, 1920], square: [1080, 1080] };
const TOKEN = "playground-token";

/** What the link says, its fragment; the token goes into this tab's store and out of the address. */
export function arrive() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (token) sessionStorage.setItem(TOKEN, token);
  given.delete("token");
  const rest = given.toString();
  history.replaceState(null, "", `${location.pathname}${location.search}${rest ? `#${rest}` : ""}`);
  return { token: token ?? sessionStorage.getItem(TOKEN), timelineId: given.get("timeline") };
}

/** Ask for what is missing. Settles with a token and a timeline that exist. */
export function ask(known, trouble) {
  const form = $("gate-form");
  $("gate").hidden = false;
  $("gate-token").value = known.token ?? "";
  $("gate-timeline").value = known.timelineId ?? "";
  $("gate-error").textContent = trouble ?? "";
  (known.token ? $("gate-timeline") : $("gate-token")).focus();
  return new Promise((opened) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      $("gate-error").textContent = "";
      try {
        opened(await enter($("gate-token").value.trim(), $("gate-timeline").value.trim(), form.elements.shape.value));
        $("gate").hidden = true;
      } catch (error) {
        $("gate-error").textContent = reasonOf(error);
      }
    };
  });
}

async function enter(token, timelineId, shape) {
  const api = new TimelineApi({ url: location.origin, token: async () => token });
  await api.me();
  sessionStorage.setItem(TOKEN, token);
  if (timelineId) {
    await api.state(timelineId);
    return leave(token, timelineId);
  }
  const { items } = await api.workspaces();
  const mine = items.find((workspace) => ["owner", "editor"].includes(workspace.role)) ?? (await api.createWorkspace("Playground"));
  const [width, height] = SHAPES[shape];
  const made = await api.createTimeline({ workspace_id: mine.id, name: "Untitled", rate: { num: 25, den: 1 }, width, height });
  return leave(token, made.id);
}

function leave(token, timelineId) {
  history.replaceState(null, "", `${location.pathname}${location.search}#timeline=${timelineId}`);
  return { token, timelineId };
}

/** What to tell somebody. Where no answer came, the browser's own words help nobody. */
export function reasonOf(error) {
  return error.status === undefined ? "The service does not answer." : error.message;
}

/** The token is no good: forget it. */
export function forget() {
  sessionStorage.removeItem(TOKEN);
}
