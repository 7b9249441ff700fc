/** How a decision ends without changes. */
/** The service would refuse it, with this stable code. */
export declare class Refused extends Error {
    readonly code: string;
    constructor(code: string);
}
/** Only the service can tell. */
export declare class Undecided extends Error {
}
/** Refuse what is not there: `clip_missing`, `track_missing`, … */
export declare function missing(kind: string): Refused;
