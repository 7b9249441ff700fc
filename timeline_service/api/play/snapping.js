/** Where a drag snaps to: edges of clips, the playhead, markers, the beginning. */

const REACH = 9;

export class Magnet {
  /** Points of a model, without those of items that are dragged themselves. */
  constructor(model, without, playhead) {
    const points = [0];
    if (playhead !== null) points.push(playhead);
    for (const marker of model.markers) points.push(marker.time);
    for (const item of model.items.values()) {
      if (!without.has(item.id)) points.push(item.start, item.end);
    }
    this.points = Float64Array.from(new Set(points)).sort();
  }

  /** The correction that brings one of `times` onto a point, null where none is near. `{by, at}` */
  pull(times, ticksPerPixel) {
    let best = null;
    for (const time of times) {
      const at = this.nearest(time);
      const by = at - time;
      if (Math.abs(by) <= REACH * ticksPerPixel && (best === null || Math.abs(by) < Math.abs(best.by))) best = { by, at };
    }
    return best;
  }

  nearest(time) {
    let low = 0;
    let high = this.points.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.points[middle] < time) low = middle + 1;
      else high = middle;
    }
    const after = this.points[low];
    const before = this.points[Math.max(0, low - 1)];
    return Math.abs(before - time) < Math.abs(after - time) ? before : after;
  }
}
