/** The two canvases of the timeline: sized to the screen, painted at most once per frame, each only when it has to be. */

import { paintOver } from "./overlay.js";
import { paintBase } from "./paint.js";

export class Stage {
  /** How often each layer was painted: for tests and for the curious. */
  painted = { base: 0, over: 0 };

  /** `scene()` gives what is to be painted now. */
  constructor(box, base, over, view, scene) {
    this.box = box;
    this.layers = { base: base.getContext("2d", { alpha: false }), over: over.getContext("2d") };
    this.view = view;
    this.scene = scene;
    this.dirty = { base: true, over: true };
    this.asked = false;
    this.onResize = () => {};
    new ResizeObserver(() => this.resize()).observe(box);
    this.resize();
  }

  resize() {
    const { width, height } = this.box.getBoundingClientRect();
    const ratio = globalThis.devicePixelRatio || 1;
    this.view.width = Math.max(1, width);
    this.view.height = Math.max(1, height);
    for (const pen of Object.values(this.layers)) {
      pen.canvas.width = Math.max(1, Math.round(width * ratio));
      pen.canvas.height = Math.max(1, Math.round(height * ratio));
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.onResize();
    this.changed();
  }

  /** Both layers, or only the upper one. */
  changed(layer = "both") {
    if (layer !== "over") this.dirty.base = true;
    this.dirty.over = true;
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.asked = false;
    const scene = this.scene();
    if (this.dirty.base) {
      paintBase(this.layers.base, scene);
      this.painted.base++;
    }
    paintOver(this.layers.over, scene);
    this.painted.over++;
    this.dirty.base = this.dirty.over = false;
  }
}
