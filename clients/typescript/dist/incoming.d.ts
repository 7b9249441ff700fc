/** What the service tells of the log, put in order: snapshots in parts, events without a gap, large ones fetched. */
import type { TimelineState } from "./fold.js";
import type { ClientFrame, EventItem, EventsFrame, SnapshotFrame } from "./frames.js";
import { type TimelineJson } from "./snapshot.js";
type Wanted = {
    readonly do: "send";
    readonly frame: ClientFrame;
} | {
    readonly do: "fetch";
    readonly what: "event";
    readonly version: number;
};
/** Between the socket and the fold. */
export declare class Incoming {
    private items;
    private parts;
    private waiting;
    private fetching;
    private pulled;
    private catchingUp;
    clear(): void;
    /** Whether a snapshot is on its way, so that events wait for it. */
    get blocked(): boolean;
    awaitSnapshot(): void;
    /** One more part of a snapshot; the whole once it is there. */
    part(frame: SnapshotFrame): TimelineJson | null;
    loaded(data: TimelineJson): TimelineState;
    add(frame: EventsFrame): void;
    fetched(item: EventItem): void;
    /** The events that follow a version without a gap. */
    ready(version: number): EventItem[];
    /** What to ask for, so that it goes on behind a version. */
    wanted(version: number): Wanted | null;
    /** Events are missing, and nobody knows how many: ask until there are no more. */
    catchUp(version: number): ClientFrame;
    private pull;
}
export {};
