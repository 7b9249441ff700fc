/** Pictures of the two monitors: films that are seeked, generators that are drawn, and a stand-in for what cannot be loaded. */

import { cropAt, itemAt, sourceAt } from "./model.js";
import { TICKS, timecode } from "./time.js";

const SANS = '"Source Sans 3", "Source Sans Pro", system-ui, "Noto Sans", Arial, sans-serif';

export class Pictures {
  #films = new Map();

  /** `onReady` is called when another picture can be drawn. */
  constructor(session, onReady) {
    this.session = session;
    this.onReady = onReady;
  }

  /** The film of a clip for one monitor, on its way to a tick of its source; null until there is a picture. */
  film(monitor, item, source, speed) {
    const assetId = item.value.media.asset_id;
    if (!assetId || item.value.media.kind === "audio") return null;
    const key = `${monitor}:${assetId}:${item.track.id}`;
    let film = this.#films.get(key);
    if (film === undefined) {
      const video = document.createElement("video");
      video.muted = true;
      video.preload = "auto";
      video.playsInline = true;
      film = { video, failed: 0, image: null, still: null };
      this.#films.set(key, film);
      for (const name of ["seeked", "loadeddata"]) video.addEventListener(name, () => this.#arrived(film));
      video.addEventListener("error", () => void this.#load(film, item, assetId));
      void this.#load(film, item, assetId);
    }
    if (film.image) return film.image.complete && film.image.naturalWidth ? film.image : null;
    this.#seek(film.video, (source + 0.5 * (TICKS / 1000)) / TICKS, speed);
    return film.video.readyState >= 2 && !film.video.seeking ? film.video : film.still;
  }

  /** A picture has come: it is kept, to be shown while the next one is sought. */
  #arrived(film) {
    const { video } = film;
    film.still ??= document.createElement("canvas");
    const width = Math.min(960, video.videoWidth);
    Object.assign(film.still, { width, height: Math.round((width * video.videoHeight) / video.videoWidth) });
    film.still.getContext("2d").drawImage(video, 0, 0, film.still.width, film.still.height);
    this.onReady();
  }

  async #load(film, item, assetId) {
    if (film.failed++ > 3) return;
    try {
      const asset = await this.session.api.asset(assetId);
      if (!asset.url) return;
      if (asset.kind === "image") {
        film.image = new Image();
        film.image.addEventListener("load", () => this.onReady());
        film.image.src = asset.url;
      } else {
        film.video.src = asset.url;
      }
    } catch {
      // The stand-in is drawn.
    }
  }

  #seek(video, seconds, speed) {
    if (video.readyState < 1) return;
    if (speed > 0) {
      if (Math.abs(video.currentTime - seconds) > 0.25) video.currentTime = seconds;
      video.playbackRate = speed;
      if (video.paused) video.play().catch(() => undefined);
      return;
    }
    if (!video.paused) video.pause();
    if (!video.seeking && Math.abs(video.currentTime - seconds) > 0.005) video.currentTime = seconds;
  }

  /** Stop what plays. */
  rest() {
    for (const { video } of this.#films.values()) if (!video.paused) video.pause();
  }

  /** The size of the source of a clip; that of the frame where it is unknown. */
  sizeOf(item, model) {
    const media = item.value.media ?? {};
    return media.width && !media.generator ? { width: media.width, height: media.height } : { width: model.width, height: model.height };
  }

  /** The whole picture of a clip's source at a time, into 0, 0, width, height. */
  paintSource(pen, model, item, time, width, height, speed = 0, monitor = "source") {
    const media = item.value.media;
    if (media.generator) return generated(pen, media, width, height);
    const source = sourceAt(item, time);
    const picture = this.film(monitor, item, source, item.value.reversed ? 0 : speed * (item.value.speed.num / item.value.speed.den));
    if (picture !== null) pen.drawImage(picture, 0, 0, width, height);
    else standIn(pen, item, model, source, width, height);
  }

  /** The frame of the film at a time, as the export would show it but for effects. */
  paintProgram(pen, model, time, width, height, speed, cropNow) {
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, width, height);
    const rows = model.tracks.filter((track) => track.kind === "video" && track.enabled).reverse();
    let shown = 0;
    for (const track of rows) {
      const item = itemAt(track, time);
      if (item === null || !item.value.enabled) continue;
      shown += 1;
      pen.save();
      pen.globalAlpha = opacityOf(item, time);
      posed(pen, item, width, height);
      this.#paintClip(pen, model, item, time, width, height, speed, cropNow);
      pen.restore();
    }
    for (const track of model.tracks) {
      const caption = track.kind === "caption" && track.enabled ? itemAt(track, time) : null;
      if (caption?.value.enabled) words(pen, caption.value.text, { size: 50_000, y: 880_000, background: "#000000", ...paramsOf(caption.value) }, width, height);
    }
    if (!shown) this.rest();
    return shown;
  }

  #paintClip(pen, model, item, time, width, height, speed, cropNow) {
    if (item.value.media.generator) return this.paintSource(pen, model, item, time, width, height);
    const size = this.sizeOf(item, model);
    const crop = cropNow?.id === item.id ? cropNow.window : cropAt(item, sourceAt(item, time));
    const part = { width: (size.width * crop.width) / 1e6, height: (size.height * crop.height) / 1e6 };
    const scale = Math.min(width / part.width, height / part.height);
    const left = (width - part.width * scale) / 2;
    const top = (height - part.height * scale) / 2;
    pen.beginPath();
    pen.rect(left, top, part.width * scale, part.height * scale);
    pen.clip();
    pen.translate(left, top);
    pen.scale(scale, scale);
    pen.translate((-size.width * crop.x) / 1e6, (-size.height * crop.y) / 1e6);
    this.paintSource(pen, model, item, time, size.width, size.height, speed, "program");
  }
}

/** `params.x` fields of a record as one object. */
function paramsOf(value) {
  const found = {};
  for (const [name, given] of Object.entries(value)) if (name.startsWith("params.") && given !== null) found[name.slice(7)] = given;
  return found;
}

function opacityOf(item, time) {
  const { fade_in, fade_out } = item.value;
  let alpha = (item.value["params.opacity"] ?? 1e6) / 1e6;
  if (fade_in) alpha *= Math.min(1, (time - item.start) / fade_in);
  if (fade_out) alpha *= Math.min(1, (item.end - time) / fade_out);
  return Math.max(0, alpha);
}

function posed(pen, item, width, height) {
  const pose = item.value["params.transform"];
  const turn = item.value["params.rotation"];
  if (!pose && !turn) return;
  pen.translate(width / 2 + ((pose?.x ?? 0) / 1e6) * width, height / 2 + ((pose?.y ?? 0) / 1e6) * height);
  if (turn) pen.rotate((turn / 180_000) * Math.PI);
  if (pose) pen.scale(pose.scale_x / 1e6, pose.scale_y / 1e6);
  pen.translate(-width / 2, -height / 2);
}

function generated(pen, media, width, height) {
  const params = media.params ?? {};
  if (media.generator === "title") return words(pen, params.text ?? "", params, width, height);
  pen.fillStyle = media.generator === "color" ? params.color ?? "#000000" : "#000000";
  return pen.fillRect(0, 0, width, height);
}

function words(pen, text, params, width, height) {
  const size = ((params.size ?? 80_000) / 1e6) * height;
  pen.font = `600 ${size}px ${SANS}`;
  pen.textAlign = params.align ?? "center";
  pen.textBaseline = "middle";
  const x = ((params.x ?? 500_000) / 1e6) * width;
  const y = ((params.y ?? 500_000) / 1e6) * height;
  const lines = String(text).split("\n");
  lines.forEach((line, n) => {
    const at = y + (n - (lines.length - 1) / 2) * size * 1.25;
    if (params.background) {
      const wide = pen.measureText(line).width;
      const left = pen.textAlign === "center" ? x - wide / 2 : pen.textAlign === "right" ? x - wide : x;
      pen.fillStyle = params.background;
      pen.fillRect(left - size * 0.3, at - size * 0.62, wide + size * 0.6, size * 1.24);
    }
    pen.fillStyle = params.color ?? "#ffffff";
    pen.fillText(line, x, at);
  });
  pen.textAlign = "left";
}

/** Where the film cannot be shown: its name and the frame, over a plain grid that makes the crop window readable. */
function standIn(pen, item, model, source, width, height) {
  pen.fillStyle = "#23272f";
  pen.fillRect(0, 0, width, height);
  pen.strokeStyle = "#3a404b";
  pen.lineWidth = height / 360;
  pen.beginPath();
  for (let n = 1; n < 16; n++) {
    pen.moveTo((width * n) / 16, 0);
    pen.lineTo((width * n) / 16, height);
    pen.moveTo(0, (height * n) / 16);
    pen.lineTo(width, (height * n) / 16);
  }
  pen.stroke();
  words(pen, `${item.label}\n${timecode(source, item.value.media?.rate ?? model.rate)}`, { size: 62_000, color: "#98a0ad" }, width, height);
}
