/** Whole numbers, exact up to 2^53; products go through BigInt where they would be larger. */

import { Undecided } from "./verdicts.js";

export const MAX_TICKS = Number.MAX_SAFE_INTEGER;

/** floor(one * other / by), of whole numbers with by > 0. */
export function scaled(one: number, other: number, by: number): number {
  const product = one * other;
  if (Number.isSafeInteger(product)) return floorDivided(product, by);
  return small(divided(BigInt(one) * BigInt(other), BigInt(by)));
}

/** floor((one * other - less) / by), of whole numbers with by > 0. */
export function scaledLess(one: number, other: number, less: number, by: number): number {
  return small(divided(BigInt(one) * BigInt(other) - BigInt(less), BigInt(by)));
}

/** The remainder of one / by with the sign of by, by > 0. */
export function modulo(one: number, by: number): number {
  const rest = one % by;
  return rest < 0 ? rest + by : rest === 0 ? 0 : rest;
}

/** one * by / side, rounded half to even; side > 0. */
export function rounded(one: number, by: number, side: number): number {
  const twice = BigInt(one) * BigInt(by) * 2n;
  const wide = BigInt(side) * 2n;
  const floor = divided(twice, wide);
  const rest = twice - floor * wide;
  const up = rest > BigInt(side) || (rest === BigInt(side) && (floor & 1n) === 1n);
  return small(up ? floor + 1n : floor);
}

function floorDivided(product: number, by: number): number {
  return (product - modulo(product, by)) / by;
}

function divided(product: bigint, by: bigint): bigint {
  const quotient = product / by;
  return product < 0n && quotient * by !== product ? quotient - 1n : quotient;
}

function small(number: bigint): number {
  const found = Number(number);
  if (!Number.isSafeInteger(found)) throw new Undecided("a number beyond 2^53");
  return found;
}
