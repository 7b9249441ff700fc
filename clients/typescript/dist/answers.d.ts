/** Answers that somebody may be waiting for, by batch. */
/** The client is closed, for `reason`. What was asked stays in the store, if one was given, and has no answer here. */
export declare class Stopped extends Error {
    readonly reason: string;
    constructor(reason: string);
}
export declare class Answers<Answer> {
    private readonly waiting;
    private stopped;
    /** Nobody has to wait for it: that it never comes is an error only to who does. */
    to(batch: string): Promise<Answer>;
    settle(batch: string, answer: Answer): void;
    /** Answers may come again. */
    start(): void;
    /** No more answers will come. */
    stop(reason: string): void;
}
