/** The two monitors: the source of the chosen clip with its crop window, and the film as it comes out. */

import { $ } from "./dom.js";

export class Monitors {
  constructor(editor, pictures, crop, player) {
    Object.assign(this, { editor, pictures, crop, player });
    this.asked = false;
    new ResizeObserver(() => this.changed()).observe($("source").parentElement);
    new ResizeObserver(() => this.changed()).observe($("program").parentElement);
  }

  /** Draw anew with the next frame of the screen. */
  changed() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  draw() {
    const { model, playhead } = this.editor;
    const { speed } = this.player;
    const program = fitted($("program"), model.width, model.height);
    this.pictures.paintProgram(program.pen, model, playhead, program.width, program.height, speed, this.crop.now);
    this.drawSource(model, speed);
  }

  drawSource(model, speed) {
    const { item } = this.crop;
    $("source-empty").hidden = item !== null;
    $("source-picture").hidden = item === null;
    $("source-name").textContent = item === null ? "" : item.label;
    if (item === null) {
      fitted($("source"), model.width, model.height);
    } else {
      const size = this.pictures.sizeOf(item, model);
      const source = fitted($("source"), size.width, size.height);
      this.pictures.paintSource(source.pen, model, item, this.crop.time(item), source.width, source.height, speed);
    }
    this.crop.draw();
  }
}

/** Size a frame to its screen, keeping its aspect; a pen over its canvas in CSS pixels. */
function fitted(frame, width, height) {
  const room = frame.parentElement;
  const style = getComputedStyle(room);
  const wide = room.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const high = room.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
  const scale = Math.max(0.001, Math.min(wide / width, high / height));
  const size = { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
  frame.style.width = `${size.width}px`;
  frame.style.height = `${size.height}px`;
  const canvas = frame.querySelector("canvas");
  const ratio = globalThis.devicePixelRatio || 1;
  const pixels = { width: Math.round(size.width * ratio), height: Math.round(size.height * ratio) };
  if (canvas.width !== pixels.width || canvas.height !== pixels.height) Object.assign(canvas, pixels);
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { pen, ...size };
}
