/** How long to wait before the next try: half to all of a time that doubles, so that not all come at once. */

export interface BackoffOptions {
  /** ms of the first wait at most. */
  readonly first?: number;
  /** ms of any wait at most. */
  readonly longest?: number;
  /** 0 to 1. */
  readonly random?: () => number;
}

export class Backoff {
  private tries = 0;
  private readonly first: number;
  private readonly longest: number;
  private readonly random: () => number;

  constructor(options: BackoffOptions = {}) {
    this.first = options.first ?? 500;
    this.longest = options.longest ?? 15_000;
    this.random = options.random ?? Math.random;
  }

  /** ms until the next try, at least `atLeast`. */
  next(atLeast = 0): number {
    const most = Math.min(this.longest, this.first * 2 ** this.tries);
    this.tries += 1;
    return atLeast + Math.round(most * (0.5 + this.random() / 2));
  }

  /** It went well: the next wait is a short one. */
  reset(): void {
    this.tries = 0;
  }
}
