/** What a core tells whoever has the socket. */

import type {
  ClientFrame, ErrorFrame, EventItem, Gesture, GestureResult, LeaseNews, ResultFrame,
} from "./frames.js";

/** What the owner of a core is to do or to know, in this order. */
export type Effect =
  | { readonly do: "send"; readonly frame: ClientFrame }
  | { readonly do: "fetch"; readonly what: "snapshot"; readonly url: string; readonly sha256: string | undefined }
  | { readonly do: "fetch"; readonly what: "event"; readonly version: number }
  /** Nothing is sent until `resume()`: the service asked for a pause. */
  | { readonly do: "pause"; readonly ms: number }
  /** The state cannot be gone on with: connect again, to be given all of it. */
  | { readonly do: "restart"; readonly reason: string }
  | { readonly do: "drain"; readonly reconnectMs: number }
  | { readonly do: "settled"; readonly batch: string; readonly results: readonly GestureResult[] }
  | { readonly do: "answered"; readonly batch: string; readonly result: ResultFrame }
  | { readonly do: "refused"; readonly batch: string; readonly gesture: Gesture; readonly result: GestureResult }
  | { readonly do: "event"; readonly item: EventItem }
  | { readonly do: "lease"; readonly news: LeaseNews }
  | { readonly do: "error"; readonly error: ErrorFrame }
  | { readonly do: "pong"; readonly n: number }
  | { readonly do: "changed" }
  | { readonly do: "welcomed" }
  | { readonly do: "peers" }
  | { readonly do: "leases" }
  | { readonly do: "undo" };
