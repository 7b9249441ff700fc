/** One socket after the other: says hello on each, pings it, notices when it is dead, and comes back. */

import { Backoff, type BackoffOptions } from "./backoff.js";
import { CLOSE, type ClientFrame, type ServerFrame } from "./frames.js";

export type Status = "connecting" | "open" | "offline" | "closed";
/** A ping without an answer for so long: nobody is there. */
export const DEAD_MS = 20_000;
const HELLO_WITHIN_MS = 20_000;
const FLOOD_MS = 5_000;
const MOST_REJECTIONS = 3;
/** A connection that held so long was a good one: the next wait is a short one again. */
const STEADY_MS = 5_000;
/** Why there is no use in coming back. */
const FINAL: { readonly [code: number]: string } = {
  [CLOSE.BAD]: "protocol",
  [CLOSE.FORBIDDEN]: "forbidden",
  [CLOSE.REPLACED]: "replaced",
  [CLOSE.TOO_OLD]: "too_old",
};

export interface ConnectionOptions {
  readonly address: string;
  /** A JWT or a ticket for the hello; asked for again for every connection. */
  readonly token: () => Promise<string>;
  readonly socket: typeof WebSocket;
  readonly backoff?: BackoffOptions | undefined;
  readonly pingMs?: number | undefined;
}

/** What the owner of a connection does. */
export interface Owner {
  hello(token: string): ClientFrame;
  receive(frame: ServerFrame): void;
  lost(): void;
  status(status: Status, reason: string | null): void;
}

export class Connection {
  /** When the next try is, in ms since 1970; null while none is waited for. */
  retryAt: number | null = null;
  private socket: WebSocket | null = null;
  private readonly backoff: Backoff;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pinger: ReturnType<typeof setInterval> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private steady: ReturnType<typeof setTimeout> | undefined;
  private dialling = false;
  private pings = 0;
  private rejections = 0;
  private reconnectMs: number | null = null;
  private wanted = false;
  private readonly online = (): void => this.now();

  constructor(private readonly options: ConnectionOptions, private readonly owner: Owner) {
    this.backoff = new Backoff(options.backoff);
  }

  open(): void {
    if (this.wanted) return;
    this.wanted = true;
    globalThis.addEventListener?.("online", this.online);
    if (!this.dialling) void this.dial();
  }

  close(reason: string): void {
    if (!this.wanted) return;
    this.wanted = false;
    globalThis.removeEventListener?.("online", this.online);
    clearTimeout(this.retry);
    this.retryAt = null;
    this.hangUp(1000);
    this.owner.status("closed", reason);
  }

  send(frame: ClientFrame): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(frame));
  }

  /** The welcome has come: this connection is a good one. */
  welcomed(pingMs: number): void {
    this.rejections = 0;
    this.heard();
    clearTimeout(this.steady);
    this.steady = setTimeout(() => this.backoff.reset(), STEADY_MS);
    this.owner.status("open", null);
    const every = this.options.pingMs ?? pingMs;
    clearInterval(this.pinger);
    this.pinger = setInterval(() => this.ping(), every);
  }

  /** The service will close, and says when to come back. */
  draining(reconnectMs: number): void {
    this.reconnectMs = reconnectMs;
  }

  /** Hang up and connect again. */
  restart(): void {
    this.hangUp(1000);
    this.again(null);
  }

  /** Do not wait any longer. */
  private now(): void {
    if (!this.wanted || this.socket !== null || this.dialling) return;
    clearTimeout(this.retry);
    void this.dial();
  }

  private async dial(): Promise<void> {
    this.retryAt = null;
    this.dialling = true;
    this.owner.status("connecting", null);
    try {
      const token = await this.options.token();
      if (this.wanted && this.socket === null) this.connect(token);
    } catch (error) {
      this.again(error instanceof Error ? error.message : String(error));
    } finally {
      this.dialling = false;
    }
  }

  private connect(token: string): void {
    const socket = new this.options.socket(this.options.address);
    this.socket = socket;
    this.watch(HELLO_WITHIN_MS);
    socket.addEventListener("open", () => {
      if (this.socket === socket) this.send(this.owner.hello(token));
    });
    socket.addEventListener("message", (message: MessageEvent) => {
      if (this.socket === socket) this.take(String(message.data));
    });
    socket.addEventListener("error", () => undefined); // a close follows
    socket.addEventListener("close", (close: CloseEvent) => {
      if (this.socket === socket) this.closed(close.code);
    });
  }

  private take(data: string): void {
    this.heard();
    this.owner.receive(JSON.parse(data) as ServerFrame);
  }

  private closed(code: number): void {
    this.hangUp(1000);
    if (code === CLOSE.UNAUTHENTICATED) this.rejections += 1;
    const reason = this.rejections >= MOST_REJECTIONS ? "unauthenticated" : FINAL[code];
    if (reason !== undefined) {
      this.close(reason);
      return;
    }
    this.again(String(code), code === CLOSE.FLOOD ? FLOOD_MS : 0);
  }

  private again(reason: string | null, atLeast = 0): void {
    if (!this.wanted) return;
    const wait = this.reconnectMs ?? this.backoff.next(atLeast);
    this.reconnectMs = null;
    this.retryAt = Date.now() + wait;
    this.owner.status("offline", reason);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.dial(), wait);
  }

  private hangUp(code: number): void {
    const socket = this.socket;
    this.socket = null;
    clearInterval(this.pinger);
    clearTimeout(this.steady);
    this.heard();
    if (socket === null) return;
    socket.close(code);
    this.owner.lost();
  }

  private ping(): void {
    this.pings += 1;
    this.send({ t: "ping", n: this.pings });
    if (this.silence === undefined) this.watch(DEAD_MS);
  }

  /** Anything that comes says that somebody is there. */
  private heard(): void {
    clearTimeout(this.silence);
    this.silence = undefined;
  }

  private watch(ms: number): void {
    this.heard();
    this.silence = setTimeout(() => this.restart(), ms);
  }
}
