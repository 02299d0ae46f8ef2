import {element} from "./dom.js";

const percent = new Intl.NumberFormat("en", {style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1});

function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  const rest = (tenths % 600 / 10).toFixed(1).padStart(4, "0");
  return `${Math.floor(tenths / 600)}:${rest}`;
}

/** An answer beside the video that it is about: the likeliest classes, and what each view said, where it looked. */
export class Answer {
  #section = document.getElementById("answer");
  #video = document.getElementById("video");
  #unplayable = document.getElementById("unplayable");
  #hint = document.getElementById("hint");
  #views = document.getElementById("views");
  #seconds = 0;

  constructor() {
    for (const event of ["timeupdate", "seeking", "seeked", "loadedmetadata"]) {
      this.#video.addEventListener(event, () => this.#follow());
    }
    this.#video.addEventListener("error", () => this.#setPlayable(false));
  }

  hide() {
    this.#section.hidden = true;
    this.#video.pause();
  }

  /** Loads the file into the player; the one before is let go. */
  play(file) {
    URL.revokeObjectURL(this.#video.src);
    this.#setPlayable(true);
    this.#video.src = URL.createObjectURL(file);
  }

  /** @returns the answer as one sentence */
  show(said) {
    const first = said.top[0];
    const agree = said.perView.filter((view) => view.top[0].label === first.label).length;
    this.#seconds = said.frames / said.fps;
    document.getElementById("answer-title").textContent = first.name;
    document.getElementById("top").replaceChildren(...said.top.map(bar));
    document.getElementById("cost").textContent =
      `${said.frames} frames, ${said.fps.toFixed(said.fps % 1 ? 2 : 0)} a second: ${clock(this.#seconds)}. `
      + `Decoded in ${said.decodeMs} ms, looked at in ${said.inferenceMs} ms`
      + ` by ${said.model}, version ${said.modelVersion}.`;
    document.getElementById("agreement").textContent =
      `${agree} of ${said.perView.length} views say ${first.name}.`;
    this.#views.replaceChildren(
      ...said.perView.map((view) => this.#view(view, first.label, said)));
    this.#section.hidden = false;
    this.#setPlayable(!this.#video.error);
    this.#follow();
    return `${first.name}, ${percent.format(first.probability)}. ${agree} of ${said.perView.length} views agree.`;
  }

  #view(view, label, {crops, fps}) {
    const own = view.top[0];
    const time = `${clock(view.startSeconds)}–${clock(view.endSeconds)}`;
    const span = element("span", {className: "span"});
    span.style.left = this.#along(view.startSeconds);
    span.style.width = this.#along(view.endSeconds - view.startSeconds);
    const button = element(
      "button",
      {type: "button", className: own.label === label ? "view agrees" : "view"},
      element("span", {className: "name", textContent: own.name}),
      element("span", {className: "share", textContent: percent.format(own.probability)}),
      element("span", {className: "track"}, span),
      element("span", {
        className: "time",
        textContent: crops > 1 ? `${time}, crop ${view.crop + 1}` : time,
      }));
    button.dataset.start = view.startSeconds;
    button.dataset.end = view.endSeconds;
    button.onclick = () => {
      // The middle of its first frame: at the edge, rounding may show the one before.
      this.#video.currentTime = view.startSeconds + 0.5 / fps;
    };
    return element("li", {}, button);
  }

  #along(seconds) {
    return `${Math.min(100, 100 * seconds / this.#seconds)}%`;
  }

  /** Marks where the video is. */
  #follow() {
    const now = this.#video.currentTime;
    this.#views.style.setProperty("--now", this.#along(now));
    for (const button of this.#views.querySelectorAll("button")) {
      button.classList.toggle(
        "now", now >= Number(button.dataset.start) && now < Number(button.dataset.end));
    }
  }

  #setPlayable(playable) {
    this.#video.hidden = !playable;
    this.#unplayable.hidden = playable;
    this.#hint.hidden = !playable;
    this.#views.classList.toggle("still", !playable);
    this.#views.querySelectorAll("button").forEach((button) => {
      button.disabled = !playable;
    });
  }
}

function bar(ranked) {
  const filled = element("span", {className: "bar"});
  filled.style.width = `${100 * ranked.probability}%`;
  return element(
    "li",
    {},
    element("span", {className: "name", textContent: ranked.name}),
    element("span", {className: "share", textContent: percent.format(ranked.probability)}),
    element("span", {className: "groove"}, filled));
}
