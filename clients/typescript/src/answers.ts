/** Answers that somebody may be waiting for, by batch. */

/** The client is closed, for `reason`. What was asked stays in the store, if one was given, and has no answer here. */
export class Stopped extends Error {
  constructor(readonly reason: string) {
    super(`the client is closed: ${reason}`);
    this.name = "Stopped";
  }
}

export class Answers<Answer> {
  private readonly waiting = new Map<string, { settle: (answer: Answer) => void; fail: (error: Error) => void }>();
  private stopped: Stopped | null = null;

  /** Nobody has to wait for it: that it never comes is an error only to who does. */
  to(batch: string): Promise<Answer> {
    const { stopped } = this;
    const answer = stopped !== null
      ? Promise.reject<Answer>(stopped)
      : new Promise<Answer>((settle, fail) => this.waiting.set(batch, { settle, fail }));
    answer.catch(() => undefined);
    return answer;
  }

  settle(batch: string, answer: Answer): void {
    this.waiting.get(batch)?.settle(answer);
    this.waiting.delete(batch);
  }

  /** Answers may come again. */
  start(): void {
    this.stopped = null;
  }

  /** No more answers will come. */
  stop(reason: string): void {
    this.stopped = new Stopped(reason);
    for (const { fail } of this.waiting.values()) fail(this.stopped);
    this.waiting.clear();
  }
}
