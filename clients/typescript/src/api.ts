/** Fetch helpers: the requests over HTTP that an editor needs beside the stream, typed by the service's OpenAPI. */

import type { EventItem, Gesture } from "./frames.js";
import { sha256, toHex } from "./sha256.js";
import type { TimelineJson } from "./snapshot.js";
import type { components, operations } from "./wire.js";

type Schemas = components["schemas"];
type Operation = keyof operations;
type Query<Name extends Operation> = Exclude<operations[Name]["parameters"]["query"], undefined>;
type Body<Name extends Operation> = operations[Name] extends
  { requestBody: { content: { "application/json": infer Sent } } } ? Sent : never;

export interface ApiOptions {
  /** Of the service: `https://host`, without a path. */
  readonly url: string;
  /** A JWT for every request. */
  readonly token: () => Promise<string>;
  readonly fetch?: typeof globalThis.fetch;
}

/** The service said no. `code` is stable. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: { readonly [name: string]: unknown },
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** What an upload is given of a file; a browser's File fits. */
export type UploadFile = Blob & { readonly name: string };

export class TimelineApi {
  constructor(private readonly options: ApiOptions) {}

  me(): Promise<Schemas["Person"]> {
    return this.json("GET", "/me");
  }

  workspaces(): Promise<Schemas["Workspaces"]> {
    return this.json("GET", "/workspaces");
  }

  createWorkspace(name: string): Promise<Schemas["Workspace"]> {
    return this.json("POST", "/workspaces", { name });
  }

  putMember(workspaceId: string, member: Body<"putMember">): Promise<unknown> {
    return this.json("POST", `/workspaces/${workspaceId}/members`, member);
  }

  createTimeline(timeline: Body<"createTimeline">): Promise<Schemas["EditAnswer"]> {
    return this.json("POST", "/timelines", timeline);
  }

  /** The timeline at a version, the newest unless told. */
  state(timelineId: string, version?: number): Promise<Schemas["Timeline"]> {
    return this.json("GET", `/timelines/${timelineId}${query({ version })}`);
  }

  /** Edit over HTTP, with the same answers as over the stream. */
  gestures(
    timelineId: string, gestures: readonly Gesture[], options: Omit<Body<"applyGestures">, "gestures"> = {},
  ): Promise<Schemas["EditAnswer"]> {
    return this.json("POST", `/timelines/${timelineId}/gestures`, { gestures, ...options });
  }

  undo(timelineId: string, options: Body<"undo"> = {}): Promise<Schemas["EditAnswer"]> {
    return this.json("POST", `/timelines/${timelineId}/undo`, options);
  }

  redo(timelineId: string, options: Body<"redo"> = {}): Promise<Schemas["EditAnswer"]> {
    return this.json("POST", `/timelines/${timelineId}/redo`, options);
  }

  restore(timelineId: string, version: number): Promise<Schemas["EditAnswer"]> {
    return this.json("POST", `/timelines/${timelineId}/restore`, { version });
  }

  /** The audit log, some of it. */
  events(timelineId: string, options: Query<"listEvents"> = {}): Promise<Schemas["Events"]> {
    return this.json("GET", `/timelines/${timelineId}/events${query(options)}`);
  }

  /** One event, however large. */
  async event(timelineId: string, version: number): Promise<EventItem> {
    const page = await this.events(timelineId, { after_version: version - 1, limit: 1 });
    const item = page.items[0];
    if (item === undefined || "by_ref" in item) throw new ApiError(404, "event_missing", "no such event", { version });
    return item as unknown as EventItem;
  }

  diff(timelineId: string, options: Query<"diffVersions">): Promise<Schemas["Diff"]> {
    return this.json("GET", `/timelines/${timelineId}/diff${query(options)}`);
  }

  /** The timeline as an OTIO document. */
  otio(timelineId: string, version?: number): Promise<unknown> {
    return this.json("GET", `/timelines/${timelineId}/otio${query({ version })}`);
  }

  /** A ticket for one connection to the stream, good for half a minute. */
  async ticket(timelineId: string): Promise<string> {
    const made = await this.json<Schemas["Ticket"]>("POST", "/stream-tickets", { timeline_id: timelineId });
    return made.ticket;
  }

  // ---- exports
  export(request: Body<"requestExport">): Promise<Schemas["Job"]> {
    return this.json("POST", "/exports", request);
  }

  exports(timelineId: string): Promise<Schemas["Jobs"]> {
    return this.json("GET", `/timelines/${timelineId}/exports`);
  }

  job(jobId: string): Promise<Schemas["Job"]> {
    return this.json("GET", `/jobs/${jobId}`);
  }

  cancel(jobId: string): Promise<Schemas["Job"]> {
    return this.json("POST", `/jobs/${jobId}/cancel`);
  }

  // ---- media
  asset(assetId: string): Promise<Schemas["Asset"]> {
    return this.json("GET", `/assets/${assetId}`);
  }

  /** Put a file into a workspace, part by part; `progress` is told bytes. The asset is probed afterwards. */
  async upload(
    workspaceId: string, file: UploadFile, progress: (sent: number, total: number) => void = () => undefined,
  ): Promise<Schemas["Asset"]> {
    const content_type = file.type === "" ? "application/octet-stream" : file.type;
    const request: Body<"createUpload"> = { workspace_id: workspaceId, filename: file.name, size: file.size, content_type };
    const upload = await this.json<Schemas["Upload"]>("POST", "/uploads", request);
    let sent = 0;
    for (const part of upload.parts) {
      const body = file.slice(sent, sent + part.size);
      const answer = await this.fetch(new URL(part.url, this.options.url).href, {
        method: part.method, headers: part.headers, body,
      });
      if (!answer.ok) throw new ApiError(answer.status, "upload_failed", "the store refused a part", { part: part.part });
      sent += part.size;
      progress(sent, file.size);
    }
    return this.json("POST", `/uploads/${upload.id}/complete`);
  }

  // ---- within
  /** A timeline by the address that a snapshot frame names, checked against its checksum. */
  async snapshot(path: string, checksum: string | undefined): Promise<TimelineJson> {
    const answer = await this.ask("GET", path);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (checksum !== undefined && toHex(sha256(bytes)) !== checksum) {
      throw new ApiError(answer.status, "checksum", "the snapshot is not the one that was named", {});
    }
    return JSON.parse(new TextDecoder().decode(bytes)) as TimelineJson;
  }

  private async json<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.ask(method, `/api/v1${path}`, body);
    return (answer.status === 204 ? null : await answer.json()) as Answer;
  }

  private async ask(method: string, path: string, body?: unknown): Promise<Response> {
    const headers: { [name: string]: string } = { Authorization: `Bearer ${await this.options.token()}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await this.fetch(`${this.options.url}${path}`, {
      method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }

  private fetch(url: string, request: RequestInit): Promise<Response> {
    return (this.options.fetch ?? globalThis.fetch)(url, request);
  }
}

async function refusal(answer: Response): Promise<ApiError> {
  let told: { code?: string; message?: string; details?: { [name: string]: unknown } } = {};
  try {
    told = ((await answer.json()) as { error?: typeof told }).error ?? {};
  } catch {
    // A proxy speaks in its own words.
  }
  return new ApiError(answer.status, told.code ?? "http", told.message ?? answer.statusText, told.details ?? {});
}

function query(parameters: { readonly [name: string]: unknown }): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}
