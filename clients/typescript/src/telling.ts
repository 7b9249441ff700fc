/** Presence on its way out: no more often than anybody looks, and always the newest. */

import type { Presence } from "./frames.js";

const EVERY_MS = 33;

export class Telling {
  private waiting: Presence | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private n = 0;

  constructor(private readonly send: (presence: Presence, n: number) => void) {}

  tell(presence: Presence): void {
    this.waiting = presence;
    if (this.timer === undefined) this.flush();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting = null;
  }

  private flush(): void {
    this.timer = undefined;
    if (this.waiting === null) return;
    this.n += 1;
    this.send(this.waiting, this.n);
    this.waiting = null;
    this.timer = setTimeout(() => this.flush(), EVERY_MS);
  }
}
