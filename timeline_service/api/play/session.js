/** The connection of this window: the client of the stream, and who we are. */

import { LocalStorageQueue, TimelineApi, TimelineClient } from "./client/index.js";
import { Emitter } from "./emitter.js";

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

export class Session extends Emitter {
  names = new Map();
  #told = {};
  #home = null;

  constructor(timelineId, token) {
    super();
    this.timelineId = timelineId;
    this.token = token;
    this.url = location.origin;
    this.api = new TimelineApi({ url: this.url, token: async () => this.token });
  }

  /** Who we are, then the stream. Raises ApiError for a token or a timeline that is not ours. */
  async open() {
    this.me = await this.api.me();
    this.names.set(this.me.id, this.me.name);
    this.client = new TimelineClient({
      url: this.url,
      timelineId: this.timelineId,
      token: async () => this.token,
      store: new LocalStorageQueue(this.timelineId, this.me.id),
      backoff: { first: FIRST_MS, longest: LONGEST_MS },
    });
    await this.client.ready();
    this.client.on("status", (status) => this.#status(status));
    this.client.on("peers", (peers) => this.#meet(peers));
    this.client.connect();
    void this.#learnNames();
  }

  #status(status) {
    if (status === "open" && this.#told.playhead !== undefined) this.client.presence(this.#told);
    this.emit("status", status);
  }

  #meet(peers) {
    for (const peer of peers.values()) this.names.set(peer.actor.id, peer.actor.name);
    this.emit("peers", peers);
  }

  async #learnNames() {
    try {
      const { items } = await this.get("/workspaces");
      for (const workspace of items) {
        for (const member of (await this.get(`/workspaces/${workspace.id}/members`)).items) {
          this.names.set(member.person_id, member.name);
        }
      }
      this.emit("names");
    } catch {
      // Names are a kindness; ids do.
    }
  }

  nameOf(actorId) {
    if (actorId === this.me.id) return "you";
    return this.names.get(actorId) ?? `${String(actorId).slice(0, 8)}…`;
  }

  /** Where we are and what we drag. What is left out stays as it was said last. */
  tell(presence) {
    this.#told = { ...this.#told, ...presence };
    if (this.client.status === "open") this.client.presence(this.#told);
  }

  /** The workspace of the timeline: where its media are. Version 1 says it, and is the smallest. */
  workspace() {
    this.#home ??= this.api.state(this.timelineId, 1).then((timeline) => timeline.workspace_id);
    this.#home.catch(() => { this.#home = null; });
    return this.#home;
  }

  /** JSON of a GET. */
  async get(path) {
    const answer = await fetch(`/api/v1${path}`, { headers: { Authorization: `Bearer ${this.token}` } });
    const body = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(body.error.message), body.error);
    return body;
  }

  /** Events of a job until it is over: server-sent, read with the token in a header. */
  async follow(jobId, onJob, signal) {
    const headers = { Authorization: `Bearer ${this.token}` };
    const answer = await fetch(`/api/v1/jobs/${jobId}/events`, { headers, signal });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const data = /^event: job$/m.test(block) && /^data: (.*)$/m.exec(block);
        if (data) onJob(JSON.parse(data[1]));
      }
    }
  }
}

