/** What holds in every state, checked on what a gesture touched, in the order in which the service checks it. */
import type { Draft } from "./draft.js";
/** Refuse if what the changes wrote breaks a law of the timeline. */
export declare function check(draft: Draft): void;
