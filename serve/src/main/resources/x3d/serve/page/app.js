import {Answer} from "./answer.js";
import {address, ask, formFile, keyHeader, Problem, quoted} from "./api.js";
import {Command, described, element, tell} from "./dom.js";

const byId = (id) => document.getElementById(id);
const mostBytes = Number(document.querySelector("meta[name=x3d-max-upload]").content);
const answer = new Answer();
const command = new Command();
const mebibytes = (bytes) => `${Number((bytes / 2 ** 20).toPrecision(3))} MiB`;

let models = [];
let file = null;
let key = "";
/** Ends the request that is on its way; null if there is none. */
let running = null;

function query() {
  const asked = new URLSearchParams({top: 5, perView: true});
  if (models.length > 1) {
    asked.set("model", byId("model").value);
  }
  return `v1/classify?${asked}`;
}

function showCommand() {
  const keyed = key ? '-H "X-API-Key: $X3D_KEY" ' : "";
  command.show(
    `curl ${keyed}-F ${formFile("video", file?.name ?? "clip.mp4")} ${quoted(address(query()))}`);
}

function showFacts() {
  const model = models.find((one) => one.name === byId("model").value);
  byId("facts-list").replaceChildren(...described([
    ["Name", model.name],
    ["Variant", model.variant],
    ["Classes", model.classes],
    ["Clip", `${model.frames} frames, ${model.samplingRate} apart, of ${model.targetFps} a second`],
    ["Picture", `${model.crop} × ${model.crop}, from a short side of ${model.shortSide}`],
    ["Views", `${model.views} along the video, ${model.crops} ${model.crops > 1 ? "crops" : "crop"} each`],
    ["Version", `${model.version}, loaded ${new Date(model.loaded).toLocaleString("en-GB")}`],
  ]));
  const provenance = Object.entries(model.provenance);
  byId("provenance-list").replaceChildren(...described(provenance));
  byId("provenance").hidden = provenance.length === 0;
  byId("facts").hidden = false;
  showCommand();
}

async function loadModels() {
  try {
    const said = await ask("GET", "v1/models", {headers: keyHeader(key)});
    models = JSON.parse(said.responseText).models;
    byId("model").replaceChildren(
      ...models.map((model) => element("option", {value: model.name, textContent: model.name})));
    byId("choice").hidden = models.length < 2;
    showFacts();
    return true;
  } catch (problem) {
    fail(problem);
    return false;
  }
}

/** Says it once: what is said again is read out again. */
function say(text) {
  if (byId("status").textContent !== text) {
    byId("status").textContent = text;
  }
}

function fail(problem) {
  say("");
  if (problem.status === 401) {
    byId("key-why").textContent = key
      ? `This key does not open the server: ${problem.message}.`
      : "This server answers those who have a key.";
    byId("key-form").hidden = false;
    byId("key").focus();
  } else {
    tell(byId("problem"), problem);
  }
}

function choose(files) {
  if (files.length === 0) {
    return;
  }
  if (files.length > 1) {
    fail(new Problem(
      "One video at a time",
      `These are ${files.length} files. In a terminal, x3d-tools classify takes whole folders.`));
    return;
  }
  file = files[0];
  answer.hide();
  answer.play(file);
  showCommand();
  classify();
}

async function classify(again = false) {
  running?.abort();
  running = null;
  byId("work").hidden = true;
  byId("problem").hidden = true;
  byId("again").hidden = true;
  answer.hide();
  if (file.size > mostBytes) {
    fail(new Problem(
      "The video is too large",
      `${file.name} has ${mebibytes(file.size)}, and this server takes ${mebibytes(mostBytes)} at most.`));
    return;
  }
  const mine = new AbortController();
  running = mine;
  byId("work").hidden = false;
  if (again) {
    byId("cancel").focus(); // the button that had the focus is gone
  }
  showSent(0);
  try {
    const said = await ask("POST", query(), {
      body: file,
      headers: {"Content-Type": "application/octet-stream", ...keyHeader(key)},
      progress: showSent,
      signal: mine.signal,
    });
    say(answer.show(JSON.parse(said.responseText)));
  } catch (problem) {
    if (problem.name !== "AbortError") {
      fail(problem);
    } else if (running === mine) {
      say("Cancelled.");
    }
  } finally {
    if (running === mine) {
      running = null;
      byId("again").hidden = false;
      if (document.activeElement === byId("cancel")) {
        byId("again").focus();
      }
      byId("work").hidden = true;
    }
  }
}

function showSent(part) {
  if (part < 1) {
    byId("progress").value = part;
    say(`Sending ${file.name}`);
  } else {
    byId("progress").removeAttribute("value");
    say(`Looking at ${file.name}`);
  }
}

byId("limit").textContent = `Up to ${mebibytes(mostBytes)}.`;
byId("curl").append(command.element);
byId("file").onchange = (event) => {
  choose([...event.target.files]);
  event.target.value = ""; // so that the same file can be chosen again
};
byId("cancel").onclick = () => running?.abort();
byId("again").onclick = () => classify(true);
byId("model").onchange = showFacts;
byId("key-form").onsubmit = async (event) => {
  event.preventDefault();
  key = byId("key").value;
  byId("key-form").hidden = true;
  if (await loadModels()) {
    byId("file").focus();
    if (file) {
      classify();
    }
  }
};

const dragged = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
addEventListener("dragover", (event) => {
  if (dragged(event)) {
    event.preventDefault();
    byId("drop").classList.add("over");
  }
});
addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) {
    byId("drop").classList.remove("over");
  }
});
addEventListener("drop", (event) => {
  if (dragged(event)) {
    event.preventDefault();
    byId("drop").classList.remove("over");
    choose([...event.dataTransfer.files]);
  }
});
showCommand();
loadModels();
