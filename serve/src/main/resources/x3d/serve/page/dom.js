/** An element with properties, or attributes where there is no such property, and children. Strings are text, never markup. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) {
      made[key] = value;
    } else {
      made.setAttribute(key, value);
    }
  }
  made.append(...children);
  return made;
}

/** The terms and descriptions of a `dl`. */
export function described(pairs) {
  return pairs.map(([term, text]) =>
    element("div", {}, element("dt", {textContent: term}), element("dd", {textContent: text})));
}

/** A command with a button that copies it; `show` replaces the command. */
export class Command {
  #text = element("code");
  #button = element("button", {type: "button", textContent: "Copy"});

  constructor() {
    const block = element("pre", {tabIndex: 0, "aria-label": "Command"}, this.#text);
    this.element = element("div", {className: "command"}, block, this.#button);
    this.#button.onclick = () => this.#copy();
  }

  show(text) {
    this.#text.textContent = text;
    this.#button.textContent = "Copy";
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#text.textContent);
      this.#button.textContent = "Copied";
    } catch {
      // Browsers give the clipboard to pages of https and of this machine only, and to those that may.
      getSelection().selectAllChildren(this.#text);
      this.#button.textContent = "Selected";
    }
  }
}

/** Shows a Problem in its box. */
export function tell(box, problem) {
  box.replaceChildren(
    element("strong", {textContent: problem.title}), element("p", {textContent: problem.message}));
  box.hidden = false;
}
