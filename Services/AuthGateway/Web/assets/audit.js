// What happened, in all three services: found by time, kind, user and service, read in words, and
// taken along as a file.

import { eventGroups } from "./audit-events.js";
import { showExport } from "./audit-export.js";
import { call } from "./calls.js";
import { deviceText } from "./devices.js";
import { make, showFacts, tick } from "./elements.js";
import { onSubmit } from "./forms.js";
import { openPage, say } from "./frame.js";
import { act } from "./rows.js";
import { momentText, text, wordText } from "./sentences.js";
import { pageOf } from "./user-acts.js";

const pageSize = 50;

const element = (id) => document.getElementById(id);
const list = element("rows");
const more = element("more");
const filter = element("filter");

let next = "";
/** What the filter says, as ListAudit takes it. */
let wanted = {};
/** What is shown was looked for by this. */
let sought = {};

/** The newest rows of what is looked for, or those behind what is shown. */
async function load(after = "") {
  if (!after) sought = wanted;
  const filters = sought;
  let page;
  let from = after;
  const found = [];
  do {
    page = await call("AdminService/ListAudit", { ...filters, after: from, limit: pageSize });
    found.push(...(page.rows ?? []));
    from = page.next ?? "";
  } while (found.length === 0 && from);
  // Something else was looked for meanwhile.
  if (filters !== sought) return;
  next = from;
  const rows = found.map(row);
  if (after) list.append(...rows);
  else list.replaceChildren(...rows);
  more.hidden = !next;
  element("none").hidden = list.children.length > 0;
  if (after) (rows[0]?.querySelector("summary") ?? document.querySelector("h1")).focus();
}

function row(entry) {
  const { at, event, source } = entry;
  const who = [
    person(entry.actor, entry.actorName, "audit.by"),
    entry.subject !== entry.actor && person(entry.subject, entry.subjectName, "audit.to"),
  ].filter(Boolean);
  const facts = [
    make("time", { datetime: at }, momentText(at)),
    ...who,
    source && text("audit.from_source", shortSource(source)),
  ].filter(Boolean);
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("strong", {}, wordText(`event.${event}`, text("event.other"))),
      make("p", {}, ...facts.flatMap((fact, index) => (index > 0 ? [" · ", fact] : [fact]))),
    ),
    details(entry),
  );
}

/** An address without its port, a service without its trust domain: the details have it all. */
function shortSource(source) {
  return source.replace(/^spiffe:\/\/[^/]+\//u, "").replace(/^(\[.+\]|[\d.]+):\d+$/u, "$1");
}

/**
 * Who did it, or to whom it was done, with the way to his page. Of an erased one there is neither;
 * what stands in the place of his name begins as no name does.
 */
function person(id, name, key) {
  if (!id) return undefined;
  if (!name || name.startsWith("@")) return text(key, text("audit.erased"));
  // The link stands where the sentence tells the name.
  const [before, after = ""] = text(key, "\u0000").split("\u0000");
  return make("span", {}, before, make("a", { href: pageOf(id) }, name), after);
}

/** Made when they are opened: hardly any are. */
function details(entry) {
  const facts = make("dl", { class: "facts" });
  const summary = make("summary", {}, text("audit.details"));
  const disclosure = make("details", { class: "disclosure" }, summary, facts);
  disclosure.addEventListener("toggle", () => showFacts(facts, detailFacts(entry)), {
    once: true,
  });
  return disclosure;
}

function detailFacts(entry) {
  return [
    ...(entry.details ?? []).map(({ key, value }) => [
      wordText(`detail.${key}`, undefined) ?? code(key),
      detailValue(key, value),
    ]),
    [text("audit.source"), code(entry.source)],
    [text("audit.service"), serviceName(entry.service)],
    [text("audit.row"), code(entry.id)],
    [text("audit.event"), code(entry.event)],
    [text("audit.actor"), code(entry.actor)],
    [text("audit.subject"), code(entry.subject)],
    [text("audit.trace"), code(entry.trace)],
  ];
}

function serviceName(service) {
  return wordText(`service.${service.split("-")[0]}`, service);
}

/** An identifier, or a word that has no sentence; nothing for nothing. */
function code(value) {
  return value && make("code", { translate: "no" }, value);
}

/** Details that name several words. */
const lists = ["fields", "roles", "verifiers", "weakened"];

/** Words of ours in words; what people have written as it is. */
function detailValue(key, value = "") {
  if (key === "reason" || key === "approved") return value;
  if (key === "agent") return deviceText(value);
  if (key === "until") return momentText(value);
  const words = lists.includes(key) ? value.split(/[\s,]+/u) : [value];
  const told = words.map((word) => wordValue(key, word || "none"));
  return make("span", {}, ...told.flatMap((it, index) => (index > 0 ? [", ", it] : [it])));
}

function wordValue(key, word) {
  const kinds = { kind: ["type"], weakened: ["part"] }[key] ?? ["event", "value"];
  return kinds.map((it) => wordText(`${it}.${word}`, undefined)).find(Boolean) ?? code(word);
}

/** The kinds of events to choose among. */
function showKinds() {
  const groups = Object.entries(eventGroups).map(([name, words]) =>
    make(
      "fieldset",
      {},
      make("legend", {}, text(`group.${name}`)),
      ...words.map((word) =>
        tick(text(`event.${word}`), { type: "checkbox", name: "event", value: word }),
      ),
    ),
  );
  element("kinds").replaceChildren(...groups);
}

/** The filters from the address: other pages lead here with a user. */
function readAddress() {
  const asked = new URLSearchParams(location.search);
  for (const name of ["from", "until", "user", "service"]) {
    filter.elements[name].value = asked.get(name) ?? "";
  }
  const events = asked.getAll("event");
  for (const box of filter.querySelectorAll("[name=event]")) {
    box.checked = events.includes(box.value);
  }
  readFilter();
}

function readFilter() {
  const data = new FormData(filter);
  const moment = (name) => {
    const date = new Date(data.get(name));
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  };
  wanted = {
    from: moment("from"),
    until: moment("until"),
    events: data.getAll("event"),
    user: data.get("user").trim(),
    service: data.get("service"),
  };
  const chosen = wanted.events.length;
  element("kinds-chosen").textContent = text("audit.kinds", chosen);
}

/** So that the way back, and whoever is sent the address, leads to the same. */
function writeAddress() {
  const asked = new URLSearchParams([...new FormData(filter)].filter(([, value]) => value));
  history.replaceState(null, "", asked.size > 0 ? `?${asked}` : location.pathname);
}

filter.addEventListener("change", readFilter);
filter.addEventListener("reset", () => setTimeout(() => filter.requestSubmit()));
onSubmit(filter, async () => {
  readFilter();
  writeAddress();
  await load();
  const shown = list.children.length;
  say(shown > 0 ? text("audit.found", shown, Boolean(next)) : "");
});
more.addEventListener("click", () => act(more, () => load(next)));
showKinds();
readAddress();
showExport(element("export"), () => wanted);
await openPage("administrator", () => load());
