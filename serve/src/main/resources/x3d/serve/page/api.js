/** Why a request has no good answer, in words for people. */
export class Problem extends Error {
  /** @param status HTTP's, or 0 where nothing answered */
  constructor(title, detail, status = 0) {
    super(detail);
    this.title = title;
    this.status = status;
  }

  static of(xhr) {
    let told = {};
    try {
      told = JSON.parse(xhr.responseText);
    } catch {
      // Something between here and the server has answered in its place.
    }
    const wait = xhr.getResponseHeader("Retry-After");
    const detail = told.detail ?? `The answer was ${xhr.status} ${xhr.statusText}`;
    return new Problem(
      told.title ?? "The server cannot answer",
      wait ? `${detail}. Try again in ${wait} s` : detail,
      xhr.status);
  }
}

/** The address of a path of this server, wherever a proxy has put it. */
export function address(path) {
  return new URL(path.replace(/^\//, ""), new URL("./", document.baseURI)).href;
}

/**
 * Asks the server.
 *
 * @param options `body`, `headers`, `progress` (called with the part that was sent, 0 to 1), `signal`
 * @returns the XMLHttpRequest of a good answer
 * @throws Problem for any other, and an AbortError if the signal came first
 */
export function ask(method, path, {body = null, headers = {}, progress = () => {}, signal} = {}) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, address(path));
    Object.entries(headers).forEach(([name, value]) => xhr.setRequestHeader(name, value));
    xhr.upload.onprogress = (sent) => progress(sent.total ? sent.loaded / sent.total : 1);
    xhr.upload.onload = () => progress(1);
    xhr.onload = () => (xhr.status < 400 ? resolve(xhr) : reject(Problem.of(xhr)));
    xhr.onerror = () => reject(new Problem(
      "The server cannot be reached",
      `Nothing answered at ${location.host}. It may have stopped, or the network is gone.`));
    xhr.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal?.addEventListener("abort", () => xhr.abort());
    xhr.send(body);
  });
}

/** The header that carries a key; none for an empty one. */
export function keyHeader(key) {
  return key ? {"X-API-Key": key} : {};
}

/** A word for a POSIX shell. */
export function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** What follows curl's `-F` for a file: its name is quoted if curl would read signs of its own in it. */
export function formFile(field, name) {
  const file = /[;,"\\]/.test(name) ? `"${name.replace(/["\\]/g, "\\$&")}"` : name;
  return quoted(`${field}=@${file}`);
}
