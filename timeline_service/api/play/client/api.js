/** Fetch helpers: the requests over HTTP that an editor needs beside the stream, typed by the service's OpenAPI. */
import { sha256, toHex } from "./sha256.js";
/** The service said no. `code` is stable. */
export class ApiError extends Error {
    status;
    code;
    details;
    constructor(status, code, message, details) {
        super(message);
        this.status = status;
        this.code = code;
        this.details = details;
        this.name = "ApiError";
    }
}
export class TimelineApi {
    options;
    constructor(options) {
        this.options = options;
    }
    me() {
        return this.json("GET", "/me");
    }
    workspaces() {
        return this.json("GET", "/workspaces");
    }
    createWorkspace(name) {
        return this.json("POST", "/workspaces", { name });
    }
    putMember(workspaceId, member) {
        return this.json("POST", `/workspaces/${workspaceId}/members`, member);
    }
    createTimeline(timeline) {
        return this.json("POST", "/timelines", timeline);
    }
    /** The timeline at a version, the newest unless told. */
    state(timelineId, version) {
        return this.json("GET", `/timelines/${timelineId}${query({ version })}`);
    }
    /** Edit over HTTP, with the same answers as over the stream. */
    gestures(timelineId, gestures, options = {}) {
        return this.json("POST", `/timelines/${timelineId}/gestures`, { gestures, ...options });
    }
    undo(timelineId, options = {}) {
        return this.json("POST", `/timelines/${timelineId}/undo`, options);
    }
    redo(timelineId, options = {}) {
        return this.json("POST", `/timelines/${timelineId}/redo`, options);
    }
    restore(timelineId, version) {
        return this.json("POST", `/timelines/${timelineId}/restore`, { version });
    }
    /** The audit log, some of it. */
    events(timelineId, options = {}) {
        return this.json("GET", `/timelines/${timelineId}/events${query(options)}`);
    }
    /** One event, however large. */
    async event(timelineId, version) {
        const page = await this.events(timelineId, { after_version: version - 1, limit: 1 });
        const item = page.items[0];
        if (item === undefined || "by_ref" in item)
            throw new ApiError(404, "event_missing", "no such event", { version });
        return item;
    }
    diff(timelineId, options) {
        return this.json("GET", `/timelines/${timelineId}/diff${query(options)}`);
    }
    /** The timeline as an OTIO document. */
    otio(timelineId, version) {
        return this.json("GET", `/timelines/${timelineId}/otio${query({ version })}`);
    }
    /** A ticket for one connection to the stream, good for half a minute. */
    async ticket(timelineId) {
        const made = await this.json("POST", "/stream-tickets", { timeline_id: timelineId });
        return made.ticket;
    }
    // ---- exports
    export(request) {
        return this.json("POST", "/exports", request);
    }
    exports(timelineId) {
        return this.json("GET", `/timelines/${timelineId}/exports`);
    }
    job(jobId) {
        return this.json("GET", `/jobs/${jobId}`);
    }
    cancel(jobId) {
        return this.json("POST", `/jobs/${jobId}/cancel`);
    }
    // ---- media
    asset(assetId) {
        return this.json("GET", `/assets/${assetId}`);
    }
    /** Put a file into a workspace, part by part; `progress` is told bytes. The asset is probed afterwards. */
    async upload(workspaceId, file, progress = () => undefined) {
        const content_type = file.type === "" ? "application/octet-stream" : file.type;
        const request = { workspace_id: workspaceId, filename: file.name, size: file.size, content_type };
        const upload = await this.json("POST", "/uploads", request);
        let sent = 0;
        for (const part of upload.parts) {
            const body = file.slice(sent, sent + part.size);
            const answer = await this.fetch(new URL(part.url, this.options.url).href, {
                method: part.method, headers: part.headers, body,
            });
            if (!answer.ok)
                throw new ApiError(answer.status, "upload_failed", "the store refused a part", { part: part.part });
            sent += part.size;
            progress(sent, file.size);
        }
        return this.json("POST", `/uploads/${upload.id}/complete`);
    }
    // ---- within
    /** A timeline by the address that a snapshot frame names, checked against its checksum. */
    async snapshot(path, checksum) {
        const answer = await this.ask("GET", path);
        const bytes = new Uint8Array(await answer.arrayBuffer());
        if (checksum !== undefined && toHex(sha256(bytes)) !== checksum) {
            throw new ApiError(answer.status, "checksum", "the snapshot is not the one that was named", {});
        }
        return JSON.parse(new TextDecoder().decode(bytes));
    }
    async json(method, path, body) {
        const answer = await this.ask(method, `/api/v1${path}`, body);
        return (answer.status === 204 ? null : await answer.json());
    }
    async ask(method, path, body) {
        const headers = { Authorization: `Bearer ${await this.options.token()}` };
        if (body !== undefined)
            headers["Content-Type"] = "application/json";
        const answer = await this.fetch(`${this.options.url}${path}`, {
            method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        if (!answer.ok)
            throw await refusal(answer);
        return answer;
    }
    fetch(url, request) {
        return (this.options.fetch ?? globalThis.fetch)(url, request);
    }
}
async function refusal(answer) {
    let told = {};
    try {
        told = (await answer.json()).error ?? {};
    }
    catch {
        // A proxy speaks in its own words.
    }
    return new ApiError(answer.status, told.code ?? "http", told.message ?? answer.statusText, told.details ?? {});
}
function query(parameters) {
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
    if (given.length === 0)
        return "";
    return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}
