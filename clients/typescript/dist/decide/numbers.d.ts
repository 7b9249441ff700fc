/** Whole numbers, exact up to 2^53; products go through BigInt where they would be larger. */
export declare const MAX_TICKS: number;
/** floor(one * other / by), of whole numbers with by > 0. */
export declare function scaled(one: number, other: number, by: number): number;
/** floor((one * other - less) / by), of whole numbers with by > 0. */
export declare function scaledLess(one: number, other: number, less: number, by: number): number;
/** The remainder of one / by with the sign of by, by > 0. */
export declare function modulo(one: number, by: number): number;
/** one * by / side, rounded half to even; side > 0. */
export declare function rounded(one: number, by: number, side: number): number;
