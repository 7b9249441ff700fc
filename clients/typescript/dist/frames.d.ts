/** The messages of the stream, protocol 1: docs/stream.md. `C` goes to the service, `S` comes from it. */
import type { Change } from "./fold.js";
import type { Json } from "./records.js";
import type { TimelineJson } from "./snapshot.js";
import type { components } from "./wire.js";
export declare const PROTOCOL = 1;
/** The newest schema of events that this client folds. */
export declare const SCHEMA = 1;
type Schemas = components["schemas"];
/** A request to edit, one of the whole vocabulary: `{type: "trim", clip_id, edge, delta}`. */
export type Gesture = Schemas["Gesture"];
export type GestureResult = Schemas["GestureResult"];
export type GestureType = Gesture["type"];
/** Whole frames of the timeline, exact ticks, or a value at a rate. */
export type Time = Schemas["Time"];
export interface Transaction {
    id: string;
    label?: string;
    phase?: "begin" | "update" | "commit";
}
export interface HelloFrame {
    t: "hello";
    proto: number;
    token: string;
    timeline_id: string;
    client_id: string;
    tab_id: string;
    schema: number;
    after_version?: number;
    epoch?: string;
}
export interface PushFrame {
    t: "push";
    batch: string;
    gestures: Gesture[];
    atomic: boolean;
    base?: number;
    dry_run?: boolean;
    expected_version?: number;
    expect?: {
        [path: string]: Json;
    };
    transaction?: Transaction;
}
export type Target = {
    version: number;
} | {
    transaction_id: string;
} | {
    actor_id: string;
    from: number;
    to: number;
};
export interface FlipOptions {
    policy?: "skip" | "fail" | "force";
    on_blocked?: "stop" | "next";
    target?: Target;
    dry_run?: boolean;
    gesture_id?: string;
}
export interface FlipFrame extends FlipOptions {
    t: "undo" | "redo";
    batch: string;
    gesture_id: string;
}
export interface RestoreFrame {
    t: "restore";
    batch: string;
    gesture_id: string;
    version: number;
    reason?: string;
    dry_run?: boolean;
}
/** Where somebody is and what they are dragging. `preview.records`: what fields would be, by record. */
export interface Presence {
    playhead?: number;
    selection?: string[];
    cursor?: {
        [key: string]: Json;
    };
    tool?: string;
    preview?: {
        transaction_id?: string;
        records: {
            [id: string]: {
                [field: string]: Json;
            };
        };
    };
}
export interface PresenceFrame extends Presence {
    t: "presence";
    n: number;
}
export interface LeaseFrame {
    t: "lease";
    do: "acquire" | "renew" | "release";
    record: string;
    ttl_ms?: number;
    take?: boolean;
}
export type ClientFrame = HelloFrame | PushFrame | FlipFrame | RestoreFrame | PresenceFrame | LeaseFrame | {
    t: "pull";
    after_version: number;
    limit?: number;
} | {
    t: "recv";
    version: number;
} | {
    t: "ping" | "pong";
    n: number;
};
export interface Actor {
    id: string;
    name: string;
}
export interface Peer extends Presence {
    session_id: string;
    actor: Actor;
    role: string;
}
export interface Lease {
    record: string;
    holder: {
        session_id: string;
        actor: Actor;
    };
    until: string;
    ttl_ms: number;
}
export interface UndoState {
    can_undo: boolean;
    can_redo: boolean;
    label: string | null;
}
export interface Welcome {
    t: "welcome";
    proto: number;
    session_id: string;
    actor: Actor;
    role: string;
    timeline_id: string;
    head: number;
    epoch: string;
    mode: "replay" | "snapshot";
    limits: {
        inflight: number;
        gestures_s: number;
        burst: number;
        frame_kb: number;
    };
    ping_ms: number;
    undo: UndoState;
    peers: Peer[];
    last_seq?: number;
    leases?: Lease[];
}
export interface SnapshotFrame {
    t: "snapshot";
    version: number;
    part: number;
    parts: number;
    data?: TimelineJson;
    url?: string;
    sha256?: string;
}
/** An entry of the audit log. */
export interface EventItem {
    version: number;
    gesture_id: string;
    type: string;
    actor: string;
    recorded_at: string;
    schema_version: number;
    gesture: {
        readonly [name: string]: Json;
    };
    changes: Change[];
    description: string;
    transaction_id: string | null;
    cause?: {
        kind: string;
        versions?: number[];
    };
    client_id?: string;
    seq?: number;
}
/** An event that is too large to be sent along: to be fetched. */
export interface LargeEventItem {
    version: number;
    size: number;
    by_ref: true;
}
export interface EventsFrame {
    t: "events";
    from: number;
    to: number;
    items: (EventItem | LargeEventItem)[];
}
export interface ResultFrame {
    t: "result";
    batch: string | null;
    head: number;
    current_version?: number;
    r: GestureResult[];
    conflicts?: {
        [name: string]: Json;
    }[];
    diff?: {
        [name: string]: Json;
    };
    duration_before?: number;
    duration_after?: number;
    affected?: {
        [kind: string]: string[];
    };
    undo?: UndoState;
}
export interface PresenceNews extends Peer {
    t: "presence";
    here?: boolean;
}
export interface LeaseNews {
    t: "lease";
    record: string;
    holder: Lease["holder"] | null;
    until: string | null;
    ttl_ms: number | null;
    code?: string;
}
export interface ErrorFrame {
    t: "error";
    code: string;
    message: string;
    details: {
        [name: string]: Json;
    };
}
export type ServerFrame = Welcome | SnapshotFrame | EventsFrame | ResultFrame | PresenceNews | LeaseNews | ErrorFrame | {
    t: "ping" | "pong";
    n: number;
} | {
    t: "resync";
    reason: string;
    after_version: number;
} | {
    t: "drain";
    reconnect_ms: number;
};
/** Why a service closes a stream, and whether it is worth coming back. */
export declare const CLOSE: {
    readonly BAD: 4400;
    readonly UNAUTHENTICATED: 4401;
    readonly FORBIDDEN: 4403;
    readonly SLOW: 4408;
    readonly REPLACED: 4409;
    readonly TOO_OLD: 4410;
    readonly FLOOD: 4429;
    readonly MOVE: 4503;
};
export {};
