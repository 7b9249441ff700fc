/** The client of a timeline: see docs/clients.md of the service. */
export { Stopped } from "./answers.js";
export { ApiError, TimelineApi } from "./api.js";
export { Backoff } from "./backoff.js";
export { TimelineClient, } from "./client.js";
export { decide } from "./decide/decide.js";
export { TimelineState } from "./fold.js";
export * from "./frames.js";
export { LocalStorageQueue, MemoryQueue, newId } from "./queue.js";
export { joined, stateOf } from "./snapshot.js";
export { Sync } from "./sync.js";
