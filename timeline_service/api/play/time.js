/** Time in whole ticks of 1/705 600 000 s, as the service counts it; what people read is timecode. */

export const TICKS = 705_600_000;

/** Ticks of one frame at a rate {num, den}. */
export function ticksPerFrame(rate) {
  return (TICKS * rate.den) / rate.num;
}

/** The nearest frame's tick. */
export function toFrame(ticks, perFrame) {
  return Math.round(ticks / perFrame) * perFrame;
}

/** 00:00:04:12; hours, minutes, seconds, frames, counted without dropping any. */
export function timecode(ticks, rate) {
  const perSecond = Math.ceil(rate.num / rate.den);
  const frames = Math.floor(Math.max(0, ticks) / ticksPerFrame(rate) + 1e-6);
  const seconds = Math.floor(frames / perSecond);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, frames % perSecond];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** A length for people: `2 s 12 fr`. */
export function span(ticks, rate) {
  const perFrame = ticksPerFrame(rate);
  const sign = ticks < 0 ? "−" : "";
  const frames = Math.round(Math.abs(ticks) / perFrame);
  const perSecond = Math.ceil(rate.num / rate.den);
  const seconds = Math.floor(frames / perSecond);
  const rest = frames % perSecond;
  if (!seconds) return `${sign}${rest} fr`;
  return rest ? `${sign}${seconds} s ${rest} fr` : `${sign}${seconds} s`;
}

/** As requests take exact times. */
export function ticks(n) {
  return { ticks: Math.round(n) };
}
