/** Plays: moves the playhead with the clock of the screen. */

export class Player {
  speed = 0;

  constructor(editor, onFrame) {
    this.editor = editor;
    this.onFrame = onFrame;
    this.exact = 0;
  }

  play(speed = 1) {
    const { editor } = this;
    if (speed > 0 && editor.playhead >= editor.model.duration) editor.setPlayhead(0);
    const idle = this.speed === 0;
    this.speed = speed;
    this.exact = editor.playhead;
    this.last = null;
    this.onFrame();
    if (idle) requestAnimationFrame((now) => this.tick(now));
  }

  pause() {
    if (this.speed === 0) return;
    this.speed = 0;
    this.onFrame();
  }

  toggle() {
    if (this.speed === 0) this.play(1);
    else this.pause();
  }

  tick(now) {
    if (this.speed === 0) return;
    const { editor } = this;
    const { perFrame, duration } = editor.model;
    if (this.last !== null) {
      this.exact += ((now - this.last) / 1000) * 705_600_000 * this.speed;
      const end = duration;
      if (this.exact <= 0 || this.exact >= end) {
        editor.setPlayhead(this.exact <= 0 ? 0 : end);
        this.pause();
        return;
      }
      editor.setPlayhead(Math.floor(this.exact / perFrame) * perFrame);
      if (editor.view.x(editor.playhead) > editor.view.width - 40) {
        editor.view.reveal(editor.playhead, editor.model);
        editor.emit("view");
      }
    }
    this.last = now;
    requestAnimationFrame((then) => this.tick(then));
  }
}
