/** How a decision ends without changes. */
/** The service would refuse it, with this stable code. */
export class Refused extends Error {
    code;
    constructor(code) {
        super(code);
        this.code = code;
    }
}
/** Only the service can tell. */
export class Undecided extends Error {
}
/** Refuse what is not there: `clip_missing`, `track_missing`, … */
export function missing(kind) {
    return new Refused(`${kind}_missing`);
}
