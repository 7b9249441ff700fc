/** How long to wait before the next try: half to all of a time that doubles, so that not all come at once. */
export interface BackoffOptions {
    /** ms of the first wait at most. */
    readonly first?: number;
    /** ms of any wait at most. */
    readonly longest?: number;
    /** 0 to 1. */
    readonly random?: () => number;
}
export declare class Backoff {
    private tries;
    private readonly first;
    private readonly longest;
    private readonly random;
    constructor(options?: BackoffOptions);
    /** ms until the next try, at least `atLeast`. */
    next(atLeast?: number): number;
    /** It went well: the next wait is a short one. */
    reset(): void;
}
