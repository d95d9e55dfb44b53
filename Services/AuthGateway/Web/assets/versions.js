// Versions of the two-factor settings: who has changed them, when and why, what differs between
// two, and the way back to one.

import { call } from "./calls.js";
import { ask } from "./dialogs.js";
import { differenceTable } from "./difference-words.js";
import { button, make, reasonField, titleOf } from "./elements.js";
import { attempt, onSubmit } from "./forms.js";
import { openPage, say } from "./frame.js";
import { withFreshProof } from "./proof.js";
import { act } from "./rows.js";
import { momentText, text } from "./sentences.js";
import { learnNames, nameOf } from "./user-names.js";

const pageSize = 20;

const element = (id) => document.getElementById(id);
const form = element("compare");
const list = element("versions");
const more = element("more");

/** Of the versions that are shown, the newest first; that one is in force. */
let versions = [];
let next = "0";
let verifiers = [];
/** What each version says, once it was asked for: no version ever changes. */
const said = new Map();

const verifierTitle = (uid) => {
  const verifier = verifiers.find((it) => it.uid === uid);
  return verifier ? titleOf(verifier) : uid;
};

async function load() {
  const [page, there] = await Promise.all([
    call("AdminService/ListSettingsVersions", { limit: pageSize }),
    call("AdminService/ListVerifiers"),
  ]);
  verifiers = there.verifiers ?? [];
  versions = [];
  for (const shown of [list, form.elements.from, form.elements.to]) shown.replaceChildren();
  await show(page);
  form.elements.to.value = versions[0].version;
  form.elements.from.value = (versions[1] ?? versions[0]).version;
}

async function show(page) {
  const found = page.versions ?? [];
  await learnNames(found.map((it) => it.changedBy));
  versions.push(...found);
  next = page.next ?? "0";
  more.hidden = next === "0";
  const rows = found.map(row);
  list.append(...rows);
  for (const select of [form.elements.from, form.elements.to]) {
    select.append(...found.map((it) => make("option", { value: it.version }, optionText(it))));
  }
  return rows;
}

const authorOf = ({ changedBy }) => (changedBy ? nameOf(changedBy) : text("versions.nobody"));

function optionText(it) {
  return text("versions.option", it.version, momentText(it.changedAt), authorOf(it));
}

function row(it) {
  const isCurrent = it === versions[0];
  const badge = isCurrent && [
    " ", make("span", { class: "badge good" }, text("versions.in_force")),
  ];
  const before = String(BigInt(it.version) - 1n);
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("h3", { tabindex: "-1" }, text("versions.name", it.version), ...(badge || [])),
      make("p", {}, text("versions.by", authorOf(it), momentText(it.changedAt))),
      make("p", {}, it.reason || text("versions.no_reason")),
    ),
    make(
      "div",
      { class: "actions" },
      before !== "0" &&
        button(text("versions.changes"), () => attempt(() => showChange(before, it.version)), {
          "aria-label": text("versions.changes_named", it.version),
        }),
      !isCurrent &&
        button(text("versions.restore"), () => attempt(() => restore(it.version)), {
          "aria-label": text("versions.restore_named", it.version),
        }),
    ),
  );
}

/** What a version says. */
async function settingsOf(version) {
  if (!said.has(version)) {
    said.set(version, await call("AdminService/GetTwoFactorSettings", { version }));
  }
  return said.get(version);
}

async function differences(from, to) {
  const [found, before, after] = await Promise.all([
    call("AdminService/CompareSettings", { from, to }),
    settingsOf(from),
    settingsOf(to),
  ]);
  return differenceTable(found, verifierTitle, { before: before.book, after: after.book });
}

async function compare(from, to) {
  const title = text("versions.between", from, to);
  const heading = make("h3", { tabindex: "-1" }, title);
  element("differences").replaceChildren(heading, await differences(from, to));
  heading.focus();
}

async function showChange(from, to) {
  for (const [name, version] of Object.entries({ from, to })) {
    const select = form.elements[name];
    select.value = version;
    // The one before the last that is shown is not among them yet.
    if (!select.value) {
      select.append(make("option", { value: version }, text("versions.name", version)));
      select.value = version;
    }
  }
  await compare(from, to);
}

async function restore(restored) {
  const { version } = versions[0];
  const changes = await differences(version, restored);
  const answer = await ask({
    title: text("versions.restore_title", restored),
    explanation: text("versions.restore_why", version),
    submit: text("versions.restore"),
    parts: [changes, reasonField()],
    work: async ({ reason }) => {
      const message = { version, restored, reason };
      try {
        return await withFreshProof(() =>
          call("AdminService/RestoreTwoFactorSettings", message),
        );
      } catch (refusal) {
        if (refusal.word === "version_conflict") await load();
        throw refusal;
      }
    },
  });
  if (!answer) return;
  await load();
  element("differences").replaceChildren();
  document.querySelector("h1").focus();
  const key = answer.pending ? "versions.restore_waits" : "versions.restored";
  say(text(key, restored, versions[0].version));
}

onSubmit(form, ({ from, to }) => compare(from, to));
more.addEventListener("click", () =>
  act(more, async () => {
    const message = { before: next, limit: pageSize };
    const [first] = await show(await call("AdminService/ListSettingsVersions", message));
    first?.querySelector("h3").focus();
  }),
);
await openPage("administrator", load);
