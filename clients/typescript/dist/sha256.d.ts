/** SHA-256, at once: the browser's own answers later, and the ids of new records are needed now. */
/** The digest of some bytes: 32 bytes. */
export declare function sha256(data: Uint8Array): Uint8Array;
export declare function toHex(bytes: Uint8Array): string;
