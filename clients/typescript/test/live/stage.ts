/** The running service that the environment names, and clients of it. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";

import {
  newId, stateOf, TimelineApi, TimelineClient, TimelineState,
  type ClientOptions, type Gesture, type Kept, type QueueStore, type StoredBatch, type TimelineJson,
} from "../../src/index.js";

export const WITHIN_MS = 60_000;
const URL = need("SERVICE_URL");
const TOKENS = { owner: need("OWNER_TOKEN"), editor: need("EDITOR_TOKEN") };
export const F = 28_224_000;
export const MEDIA = { url: "https://media.test/a.mp4", available: { start: 0, duration: 705_600_000 * 60 } };

export type Who = keyof typeof TOKENS;

function need(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

export function apiOf(who: Who): TimelineApi {
  return new TimelineApi({ url: URL, token: () => Promise.resolve(TOKENS[who]) });
}

export function addClip(clip_id: string, start: number, duration = 100): Gesture {
  return { type: "add_clip", clip_id, track_id: "v1", media: MEDIA, start, duration };
}

export function trim(clip_id: string, delta: number): Gesture {
  return { type: "trim", clip_id, edge: "end", delta };
}

/** A timeline of its own at version 4: track v1, clips a and b side by side, 100 frames each, at 25 fps. */
export async function newTimeline(): Promise<string> {
  const api = apiOf("owner");
  const made = await api.createTimeline({
    workspace_id: need("WORKSPACE_ID"), name: "Cut", rate: { num: 25, den: 1 }, width: 1920, height: 1080,
  });
  await api.gestures(made.id, [
    { type: "add_track", track_id: "v1", kind: "video" }, addClip("a", 0), addClip("b", 100),
  ]);
  return made.id;
}

export function clientOf(who: Who, timelineId: string, options: Partial<ClientOptions> = {}): TimelineClient {
  return new TimelineClient({
    url: URL, timelineId, token: () => Promise.resolve(TOKENS[who]), backoff: { first: 50, longest: 500 }, ...options,
  });
}

/** Once it holds of a client; asked on every news. */
export function until(client: TimelineClient, holds: () => boolean): Promise<void> {
  return new Promise((done, failed) => {
    const ends: (() => void)[] = [];
    const limit = setTimeout(() => {
      for (const end of ends) end();
      failed(new Error(`still not so: ${String(holds)} (${client.status}, version ${client.version})`));
    }, WITHIN_MS);
    const look = (): void => {
      if (!holds()) return;
      clearTimeout(limit);
      for (const end of ends) end();
      done();
    };
    for (const kind of ["change", "status", "event", "peers", "leases", "undo", "refused", "error"] as const) {
      ends.push(client.on(kind, () => queueMicrotask(look)));
    }
    look();
  });
}

export async function connected(client: TimelineClient): Promise<TimelineClient> {
  client.connect();
  await until(client, () => client.status === "open" && client.version > 0);
  return client;
}

/** What the service itself says a timeline is. */
export async function stored(timelineId: string, version?: number): Promise<TimelineState> {
  return stateOf((await apiOf("owner").state(timelineId, version)) as unknown as TimelineJson);
}

/** Every gesture id of the log. */
export async function gestureIds(timelineId: string): Promise<string[]> {
  const api = apiOf("owner");
  const found: string[] = [];
  for (let after = 0; ; ) {
    const { items } = await api.events(timelineId, { after_version: after, limit: 100 });
    if (items.length === 0) return found;
    for (const item of items) found.push((item as { gesture_id: string }).gesture_id);
    after += items.length;
  }
}

/** A queue in a file, as an editor on the desktop would keep one. */
export class FileQueue implements QueueStore {
  private kept: { clientId: string; batches: StoredBatch[] };

  constructor(private readonly path: string) {
    this.kept = existsSync(path)
      ? (JSON.parse(readFileSync(path, "utf8")) as { clientId: string; batches: StoredBatch[] })
      : { clientId: newId(), batches: [] };
  }

  open(): Promise<Kept> {
    return Promise.resolve(this.kept);
  }

  put(batch: StoredBatch): void {
    this.write([...this.kept.batches, batch]);
  }

  remove(batch: string): void {
    this.write(this.kept.batches.filter((one) => one.batch !== batch));
  }

  close(): void {
    // The file is as it was last written.
  }

  private write(batches: StoredBatch[]): void {
    this.kept = { clientId: this.kept.clientId, batches };
    writeFileSync(this.path, JSON.stringify(this.kept));
  }
}
