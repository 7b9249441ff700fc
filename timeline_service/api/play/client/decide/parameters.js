/** The parameters of a gesture, read as strictly as the service does: whatever is unusual is left to it. */
import { parseTime, isWhole } from "./time.js";
import { Undecided } from "./verdicts.js";
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const MOST_IDS = 1000;
const LONGEST_TEXT = 1000;
/** What may stand beside the parameters of every gesture. */
const RESERVED = ["type", "gesture_id", "seq", "expect", "after"];
export class Parameters {
    given;
    /** Throws Undecided for a parameter that is not among the known ones. */
    constructor(gesture, known, nested = false) {
        this.given = gesture;
        for (const name of Object.keys(this.given)) {
            if (!known.includes(name) && (nested || !RESERVED.includes(name)))
                throw new Undecided(`unknown: ${name}`);
        }
    }
    id(name) {
        return this.must(name, this.optionalId(name));
    }
    optionalId(name) {
        return this.read(name, (value) => typeof value === "string" && ID.test(value));
    }
    ids(name) {
        const isIds = (value) => Array.isArray(value) && value.length > 0
            && value.length <= MOST_IDS && value.every((id) => typeof id === "string" && ID.test(id))
            && new Set(value).size === value.length;
        return this.must(name, this.read(name, isIds));
    }
    /** Id → id; none where it is left out. */
    idMap(name, most) {
        if (!(name in this.given))
            return new Map();
        const isMap = (value) => typeof value === "object" && value !== null
            && !Array.isArray(value) && Object.keys(value).length <= most
            && Object.entries(value).flat().every((id) => typeof id === "string" && ID.test(id));
        return new Map(Object.entries(this.must(name, this.read(name, isMap))));
    }
    time(name) {
        return this.must(name, this.optionalTime(name));
    }
    optionalTime(name) {
        const value = this.given[name];
        return value === undefined || value === null ? null : parseTime(value);
    }
    whole(name, low, high) {
        return this.must(name, this.optionalWhole(name, low, high));
    }
    optionalWhole(name, low, high) {
        return this.read(name, (value) => isWhole(value) && value >= low && value <= high);
    }
    /** A flag; `otherwise` where it is left out, which null is not. */
    flag(name, otherwise) {
        const value = name in this.given ? this.given[name] : otherwise;
        if (typeof value !== "boolean")
            throw new Undecided(`not true or false: ${name}`);
        return value;
    }
    optionalFlag(name) {
        return this.read(name, (value) => typeof value === "boolean");
    }
    choice(name, words, otherwise) {
        const value = name in this.given ? this.given[name] : otherwise;
        if (!words.includes(value))
            throw new Undecided(`unknown: ${name}`);
        return value;
    }
    text(name) {
        return this.must(name, this.optionalText(name));
    }
    optionalText(name) {
        return this.read(name, (value) => typeof value === "string" && isStorable(value)
            && [...value].length <= LONGEST_TEXT);
    }
    has(name) {
        return this.given[name] !== undefined && this.given[name] !== null;
    }
    /** As it was given; for what is read elsewhere. */
    raw(name) {
        return this.given[name];
    }
    read(name, is) {
        const value = this.given[name];
        if (value === undefined || value === null)
            return null;
        if (!is(value))
            throw new Undecided(`not as expected: ${name}`);
        return value;
    }
    must(name, value) {
        if (value === null)
            throw new Undecided(`missing: ${name}`);
        return value;
    }
}
/** Text that the service can keep: no NUL, no half of a character. */
export function isStorable(text) {
    return !text.includes("\0") && text.isWellFormed();
}
