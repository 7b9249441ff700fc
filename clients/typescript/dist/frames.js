/** The messages of the stream, protocol 1: docs/stream.md. `C` goes to the service, `S` comes from it. */
export const PROTOCOL = 1;
/** The newest schema of events that this client folds. */
export const SCHEMA = 1;
/** Why a service closes a stream, and whether it is worth coming back. */
export const CLOSE = {
    BAD: 4400,
    UNAUTHENTICATED: 4401,
    FORBIDDEN: 4403,
    SLOW: 4408,
    REPLACED: 4409,
    TOO_OLD: 4410,
    FLOOD: 4429,
    MOVE: 4503,
};
