/** The client of a timeline: see docs/clients.md of the service. */

export { Stopped } from "./answers.js";
export { ApiError, TimelineApi, type ApiOptions, type UploadFile } from "./api.js";
export { Backoff, type BackoffOptions } from "./backoff.js";
export {
  TimelineClient,
  type ClientOptions, type LeaseAnswer, type News, type Pushed, type PushOptions, type Refusal,
} from "./client.js";
export type { Status } from "./connection.js";
export { decide, type Verdict } from "./decide/decide.js";
export type { Effect } from "./effects.js";
export { TimelineState, type Change, type Drop, type Ground, type Put, type SetFields, type Shift } from "./fold.js";
export * from "./frames.js";
export type { Stored, StoredBatch, StoredFlip } from "./pending.js";
export { LocalStorageQueue, MemoryQueue, newId, type Kept, type Locks, type QueueStore, type Shelf } from "./queue.js";
export type { Json, KindName, Rec, Value } from "./records.js";
export { joined, stateOf, type TimelineJson } from "./snapshot.js";
export { Sync, type Names } from "./sync.js";
export type { components, operations, paths } from "./wire.js";
