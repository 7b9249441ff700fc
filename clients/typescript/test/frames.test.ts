/** The messages that this client writes down are those that the service describes; the compiler is the judge. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  CLOSE,
  type ClientFrame, type ErrorFrame, type EventsFrame, type HelloFrame, type Lease, type LeaseFrame, type LeaseNews,
  type Peer, type PresenceFrame, type PresenceNews, type PushFrame, type RestoreFrame, type ResultFrame,
  type ServerFrame, type SnapshotFrame, type UndoState, type Welcome,
} from "../src/index.js";
import type { components } from "./messages.js";

type Described = components["schemas"];
/** A compile error where the first has what the second does not take. */
type Fits<One extends Other, Other> = One extends Other ? true : never;
/** Every name of the first is one of the second. */
type Names<One, Other> = Exclude<keyof One, keyof Other> extends never ? true : never;
/** Names and which of them may be left out; the JSON inside is freer here than there. */
type Loose<Frame> = { [Name in keyof Frame]: unknown };

const told: [
  Fits<Described["Welcome"], Loose<Welcome>>, Fits<Described["UndoState"], UndoState>,
  Fits<Described["Peer"], Loose<Peer>>, Fits<Described["LeaseHeld"], Loose<Lease>>,
  Fits<Described["LeaseTold"], Loose<LeaseNews>>, Fits<Described["PresenceTold"], Loose<PresenceNews>>,
  Fits<Described["Events"], Loose<EventsFrame>>, Fits<Described["Error"], Loose<ErrorFrame>>,
  Fits<Described["Snapshot"], Loose<SnapshotFrame>>, Fits<Described["Result"], Loose<ResultFrame>>,
  Names<Welcome, Described["Welcome"]>, Names<PresenceNews, Described["PresenceTold"]>,
  Names<LeaseNews, Described["LeaseTold"]>, Names<SnapshotFrame, Described["Snapshot"]>,
  Names<ResultFrame, Described["Result"]>, Names<EventsFrame, Described["Events"]>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

const said: [
  Fits<HelloFrame, Loose<Described["Hello"]>>, Fits<PushFrame, Loose<Described["Push"]>>,
  Fits<RestoreFrame, Loose<Described["Restore"]>>, Fits<LeaseFrame, Loose<Described["Lease"]>>,
  Fits<PresenceFrame, Loose<Described["Presence"]>>,
  Names<HelloFrame, Described["Hello"]>, Names<PushFrame, Described["Push"]>, Names<LeaseFrame, Described["Lease"]>,
  Names<RestoreFrame, Described["Restore"]>, Names<PresenceFrame, Described["Presence"]>,
] = [true, true, true, true, true, true, true, true, true, true];

const kinds: [
  Fits<Described["Result"]["t"] | Described["Drain"]["t"] | Described["Resync"]["t"] | Described["Pong"]["t"]
    | Described["Welcome"]["t"] | Described["Snapshot"]["t"] | Described["Events"]["t"] | Described["Error"]["t"]
    | Described["PresenceTold"]["t"] | Described["LeaseTold"]["t"], ServerFrame["t"]>,
  Fits<ClientFrame["t"], Described["Hello"]["t"] | Described["Push"]["t"] | Described["Flip"]["t"]
    | Described["Restore"]["t"] | Described["Pull"]["t"] | Described["Recv"]["t"] | Described["Ping"]["t"] | "pong"
    | Described["Presence"]["t"] | Described["Lease"]["t"]>,
] = [true, true];

test("the compiler found every message as it is described", () => {
  assert.ok([...told, ...said, ...kinds].every(Boolean));
});

test("close codes are those that the service describes", () => {
  const described = JSON.parse(readFileSync("stream.json", "utf8")) as { "x-close-codes": { [code: string]: string } };
  assert.deepEqual(Object.values(CLOSE).map(String).sort(), Object.keys(described["x-close-codes"]).sort());
});
