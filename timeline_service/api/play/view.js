/** Which part of the timeline is seen: ticks to pixels and back, zoom and pan. */

export const RULER = 30;
const WIDEST_FRAME = 40;

export class View {
  ticksPerPixel = 705_600_000 / 80;
  left = 0;
  top = 0;
  width = 800;
  height = 300;

  x(time) {
    return (time - this.left) / this.ticksPerPixel;
  }

  time(x) {
    return this.left + x * this.ticksPerPixel;
  }

  get right() {
    return this.time(this.width);
  }

  /** Keep within what there is. `content`: ticks; `rows`: pixels of all tracks. */
  settle(model) {
    this.ticksPerPixel = Math.min(Math.max(this.ticksPerPixel, model.perFrame / WIDEST_FRAME), this.furthest(model));
    this.left = Math.max(0, Math.min(this.left, Math.max(0, model.duration * 1.1 + this.width * this.ticksPerPixel * 0.2 - this.width * this.ticksPerPixel * 0.5)));
    const rows = model.tracks.reduce((sum, track) => sum + track.height, 0);
    this.top = Math.max(0, Math.min(this.top, rows - (this.height - RULER) + 24));
  }

  furthest(model) {
    return (Math.max(model.duration, model.perFrame * 250) * 1.6) / Math.max(200, this.width);
  }

  /** Zoom so that the time under `x` stays there. */
  zoom(factor, x, model) {
    const fixed = this.time(x);
    this.ticksPerPixel *= factor;
    this.settle(model);
    this.left = fixed - x * this.ticksPerPixel;
    this.settle(model);
  }

  /** The place of the zoom between all (0) and single frames (1). */
  level(model) {
    const near = Math.log(model.perFrame / WIDEST_FRAME);
    const far = Math.log(this.furthest(model));
    return 1 - (Math.log(this.ticksPerPixel) - near) / (far - near);
  }

  setLevel(level, x, model) {
    const near = Math.log(model.perFrame / WIDEST_FRAME);
    const far = Math.log(this.furthest(model));
    this.zoom(Math.exp(near + (1 - level) * (far - near)) / this.ticksPerPixel, x, model);
  }

  fit(model) {
    this.left = 0;
    this.ticksPerPixel = (Math.max(model.duration, model.perFrame * 125) * 1.06) / Math.max(200, this.width);
    this.settle(model);
  }

  /** Bring a time into sight, with room around it. */
  reveal(time, model) {
    const x = this.x(time);
    if (x < 20 || x > this.width - 40) {
      this.left = time - this.width * this.ticksPerPixel * (x < 20 ? 0.2 : 0.6);
      this.settle(model);
    }
  }

  trackAt(y, model) {
    const row = y - RULER + this.top;
    return model.tracks.find((track) => row >= track.top && row < track.top + track.height) ?? null;
  }

  y(track) {
    return RULER + track.top - this.top;
  }
}
