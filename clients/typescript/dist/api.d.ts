/** Fetch helpers: the requests over HTTP that an editor needs beside the stream, typed by the service's OpenAPI. */
import type { EventItem, Gesture } from "./frames.js";
import type { TimelineJson } from "./snapshot.js";
import type { components, operations } from "./wire.js";
type Schemas = components["schemas"];
type Operation = keyof operations;
type Query<Name extends Operation> = Exclude<operations[Name]["parameters"]["query"], undefined>;
type Body<Name extends Operation> = operations[Name] extends {
    requestBody: {
        content: {
            "application/json": infer Sent;
        };
    };
} ? Sent : never;
export interface ApiOptions {
    /** Of the service: `https://host`, without a path. */
    readonly url: string;
    /** A JWT for every request. */
    readonly token: () => Promise<string>;
    readonly fetch?: typeof globalThis.fetch;
}
/** The service said no. `code` is stable. */
export declare class ApiError extends Error {
    readonly status: number;
    readonly code: string;
    readonly details: {
        readonly [name: string]: unknown;
    };
    constructor(status: number, code: string, message: string, details: {
        readonly [name: string]: unknown;
    });
}
/** What an upload is given of a file; a browser's File fits. */
export type UploadFile = Blob & {
    readonly name: string;
};
export declare class TimelineApi {
    private readonly options;
    constructor(options: ApiOptions);
    me(): Promise<Schemas["Person"]>;
    workspaces(): Promise<Schemas["Workspaces"]>;
    createWorkspace(name: string): Promise<Schemas["Workspace"]>;
    putMember(workspaceId: string, member: Body<"putMember">): Promise<unknown>;
    createTimeline(timeline: Body<"createTimeline">): Promise<Schemas["EditAnswer"]>;
    /** The timeline at a version, the newest unless told. */
    state(timelineId: string, version?: number): Promise<Schemas["Timeline"]>;
    /** Edit over HTTP, with the same answers as over the stream. */
    gestures(timelineId: string, gestures: readonly Gesture[], options?: Omit<Body<"applyGestures">, "gestures">): Promise<Schemas["EditAnswer"]>;
    undo(timelineId: string, options?: Body<"undo">): Promise<Schemas["EditAnswer"]>;
    redo(timelineId: string, options?: Body<"redo">): Promise<Schemas["EditAnswer"]>;
    restore(timelineId: string, version: number): Promise<Schemas["EditAnswer"]>;
    /** The audit log, some of it. */
    events(timelineId: string, options?: Query<"listEvents">): Promise<Schemas["Events"]>;
    /** One event, however large. */
    event(timelineId: string, version: number): Promise<EventItem>;
    diff(timelineId: string, options: Query<"diffVersions">): Promise<Schemas["Diff"]>;
    /** The timeline as an OTIO document. */
    otio(timelineId: string, version?: number): Promise<unknown>;
    /** A ticket for one connection to the stream, good for half a minute. */
    ticket(timelineId: string): Promise<string>;
    export(request: Body<"requestExport">): Promise<Schemas["Job"]>;
    exports(timelineId: string): Promise<Schemas["Jobs"]>;
    job(jobId: string): Promise<Schemas["Job"]>;
    cancel(jobId: string): Promise<Schemas["Job"]>;
    asset(assetId: string): Promise<Schemas["Asset"]>;
    /** Put a file into a workspace, part by part; `progress` is told bytes. The asset is probed afterwards. */
    upload(workspaceId: string, file: UploadFile, progress?: (sent: number, total: number) => void): Promise<Schemas["Asset"]>;
    /** A timeline by the address that a snapshot frame names, checked against its checksum. */
    snapshot(path: string, checksum: string | undefined): Promise<TimelineJson>;
    private json;
    private ask;
    private fetch;
}
export {};
