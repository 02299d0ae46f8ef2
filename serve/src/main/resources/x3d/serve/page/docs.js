import {address, ask, formFile, keyHeader, quoted} from "./api.js";
import {Command, element, tell} from "./dom.js";

const MOST_SHOWN = 20_000;
const key = document.getElementById("key");
const methods = ["get", "put", "post", "delete", "patch"];

/** One operation of the document: a form of its parameters and its body, the command, and what came back. */
class Operation {
  #method;
  #path;
  #told;
  #parameters = [];
  #type = null;
  #body = element("div", {className: "body"});
  #command = new Command();
  #output = element("pre", {className: "output", tabIndex: 0, hidden: true, "aria-label": "Answer"});
  #outcome = element("p", {role: "status"});

  constructor(method, path, told) {
    this.#method = method.toUpperCase();
    this.#path = path;
    this.#told = told;
  }

  element() {
    const form = element(
      "form",
      {},
      ...(this.#told.parameters ?? []).map((parameter) => this.#parameter(parameter)),
      ...this.#bodyChoice(),
      this.#command.element,
      element("button", {type: "submit", textContent: "Send"}),
      this.#outcome,
      this.#output);
    form.oninput = () => this.#showCommand();
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#send();
    };
    this.#showCommand();
    key.addEventListener("input", () => this.#showCommand());
    return element(
      "details",
      {className: "operation", id: this.#told.operationId},
      element(
        "summary",
        {},
        element("code", {textContent: `${this.#method} ${this.#path}`}),
        " ",
        element("span", {className: "quiet", textContent: this.#told.summary})),
      form);
  }

  #parameter(parameter) {
    const schema = parameter.schema;
    const input = schema.type === "boolean"
      ? element(
        "select",
        {},
        ...["", "true", "false"].map((value) => element("option", {value, textContent: value})))
      : element("input", {
        type: schema.type === "integer" || schema.type === "number" ? "number" : "text",
        step: schema.type === "integer" ? "1" : "any",
        min: schema.minimum ?? "",
        max: schema.maximum ?? "",
        required: parameter.required,
      });
    this.#parameters.push({...parameter, input});
    return element(
      "label",
      {className: "field"},
      element("span", {}, element("code", {textContent: parameter.name}), ` ${parameter.description}`),
      input);
  }

  #bodyChoice() {
    const content = this.#told.requestBody?.content;
    if (!content) {
      return [];
    }
    const types = Object.keys(content).sort();
    this.#type = element(
      "select", {}, ...types.map((type) => element("option", {value: type, textContent: type})));
    this.#type.value = types.find((type) => type === "multipart/form-data") ?? types[0];
    this.#type.onchange = () => this.#chooseBody();
    this.#chooseBody();
    return [element("label", {className: "field"}, element("span", {textContent: "Body"}), this.#type), this.#body];
  }

  #chooseBody() {
    const json = this.#type.value === "application/json";
    const input = json
      ? element("textarea", {rows: 4, spellcheck: false, value: "{}", "aria-label": "JSON"})
      : element("input", {type: "file", required: true, "aria-label": "File"});
    this.#body.replaceChildren(input);
  }

  #target() {
    const query = new URLSearchParams();
    let path = this.#path;
    for (const {name, in: place, input} of this.#parameters) {
      if (place === "path") {
        path = path.replace(`{${name}}`, encodeURIComponent(input.value || name.toUpperCase()));
      } else if (place === "query" && input.value) {
        query.set(name, input.value);
      }
    }
    return query.size ? `${path}?${query}` : path;
  }

  #headers() {
    return Object.fromEntries(this.#parameters
      .filter(({in: place, input}) => place === "header" && input.value)
      .map(({name, input}) => [name, input.value]));
  }

  /** The media type that is sent: one of a wild card is any. */
  #mediaType() {
    return this.#type.value.replace("video/*", "video/mp4");
  }

  #showCommand() {
    const words = ["curl"];
    if (key.value) {
      words.push('-H "X-API-Key: $X3D_KEY"');
    }
    for (const [name, value] of Object.entries(this.#headers())) {
      words.push("-H", quoted(`${name}: ${value}`));
    }
    if (this.#type) {
      const input = this.#body.firstChild;
      const name = input.files?.[0]?.name ?? "clip.mp4";
      if (this.#type.value === "multipart/form-data") {
        words.push("-F", formFile("video", name));
      } else {
        words.push("-H", quoted(`Content-Type: ${this.#mediaType()}`));
        words.push("--data-binary", quoted(input.files ? `@${name}` : input.value));
      }
    }
    words.push(quoted(address(this.#target())));
    this.#command.show(words.join(" "));
  }

  #request() {
    const headers = {...this.#headers(), ...keyHeader(key.value)};
    if (!this.#type) {
      return {headers};
    }
    const input = this.#body.firstChild;
    if (this.#type.value === "multipart/form-data") {
      const body = new FormData();
      body.append("video", input.files[0]);
      return {headers, body};
    }
    headers["Content-Type"] = this.#mediaType();
    return {headers, body: input.files ? input.files[0] : input.value};
  }

  async #send() {
    this.#outcome.textContent = "Waiting";
    this.#output.hidden = true;
    try {
      const said = await ask(this.#method, this.#target(), this.#request());
      this.#outcome.textContent = `${said.status} ${said.getResponseHeader("Content-Type") ?? ""}`;
      this.#output.textContent = shown(said);
      this.#output.hidden = false;
    } catch (problem) {
      this.#outcome.textContent = `${problem.status || ""} ${problem.title}: ${problem.message}`;
      if (problem.status === 401) {
        askForKey();
      }
    }
  }
}

function shown(said) {
  const json = (said.getResponseHeader("Content-Type") ?? "").startsWith("application/json");
  const text = json ? JSON.stringify(JSON.parse(said.responseText), null, 2) : said.responseText;
  return text.length > MOST_SHOWN
    ? `${text.slice(0, MOST_SHOWN)}\n... and ${text.length - MOST_SHOWN} characters more`
    : text;
}

function askForKey() {
  document.getElementById("key-form").hidden = false;
  key.focus();
}

document.getElementById("key-form").onsubmit = (event) => event.preventDefault();
try {
  const said = await ask("GET", "openapi.json");
  document.getElementById("operations").append(
    ...Object.entries(JSON.parse(said.responseText).paths).flatMap(([path, operations]) =>
      methods.filter((method) => method in operations).map((method) =>
        new Operation(method, path, operations[method]).element())));
} catch (problem) {
  tell(document.getElementById("problem"), problem);
}
