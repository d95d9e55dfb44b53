// The verifiers: list, add, edit, send a test message, delete several at once.

import { call } from "./calls.js";
import { ask } from "./dialogs.js";
import { button, field, make, titleOf } from "./elements.js";
import { attempt } from "./forms.js";
import { openPage, say } from "./frame.js";
import { isSent, receiverField, receiverOf } from "./messages.js";
import { withFreshProof } from "./proof.js";
import { text } from "./sentences.js";
import { fieldsOf, settingsOf, types } from "./verifier-settings.js";

const list = document.getElementById("verifiers");
let verifiers = [];
/** What is in use: the names of the rules that name each verifier, by its uid. */
let uses = new Map();

async function load() {
  const [found, settings] = await Promise.all([
    call("AdminService/ListVerifiers"),
    call("AdminService/GetTwoFactorSettings"),
  ]);
  verifiers = found.verifiers ?? [];
  uses = usesOf(settings);
  list.replaceChildren(...verifiers.map(row));
  document.getElementById("none").hidden = verifiers.length > 0;
}

/** The settings themselves are the use without a name. */
function usesOf({ verifiers: chosen = [], book }) {
  const found = new Map(chosen.map((uid) => [uid, [""]]));
  for (const { name, requirements } of book?.rules ?? []) {
    for (const uid of requirements.verifiers ?? []) {
      found.set(uid, [...(found.get(uid) ?? []), name]);
    }
  }
  return found;
}

function useBadges({ uid }) {
  const told = (uses.get(uid) ?? []).map((rule) =>
    rule ? text("verifiers.in_use_by", rule) : text("verifiers.in_use"),
  );
  if (told.length === 0) told.push(text("verifiers.not_in_use"));
  const kind = uses.has(uid) ? "badge good" : "badge";
  return make("p", { class: "badges" }, ...told.map((it) => make("span", { class: kind }, it)));
}

function row(verifier) {
  const title = titleOf(verifier);
  const facts = [
    text(`type.${verifier.type}`),
    `${text("verifiers.uid")}: ${verifier.uid}`,
    text("verifiers.bindings", verifier.bindings ?? 0),
  ];
  return make(
    "li",
    {},
    make("input", {
      type: "checkbox",
      name: "selected",
      value: verifier.uid,
      "aria-label": text("verifiers.select", title),
    }),
    make("span", { class: `kind ${verifier.type}`, "aria-hidden": "true" }),
    make(
      "div",
      {},
      make("h2", {}, title),
      make("p", {}, facts.join(" · ")),
      verifier.description && make("p", {}, verifier.description),
      useBadges(verifier),
    ),
    make(
      "div",
      { class: "actions" },
      button(text("verifiers.edit"), () => attempt(() => edit(verifier)), {
        "aria-label": text("verifiers.edit_named", title),
      }),
      isSent(verifier.type) &&
        button(text("verifiers.test"), () => attempt(() => test(verifier)), {
          "aria-label": text("verifiers.test_named", title),
        }),
    ),
  );
}

/** The fields that can be changed at any time. */
function fields(verifier = {}) {
  return [
    field(text("verifiers.name"), {
      name: "title",
      value: verifier.title,
      maxlength: 64,
      autocomplete: "off",
      required: true,
    }),
    field(text("verifiers.description"), {
      name: "description",
      value: verifier.description,
      maxlength: 256,
      autocomplete: "off",
    }),
  ];
}

async function add() {
  const options = types.map((it) => make("option", { value: it }, text(`type.${it}`)));
  const ownFields = make("div", {}, ...fieldsOf(types[0]));
  const hint = text(`about.${types[0]}`);
  const type = field(text("verifiers.type"), { tag: "select", name: "type", hint }, ...options);
  type.addEventListener("change", ({ target }) => {
    type.querySelector(".hint").textContent = text(`about.${target.value}`);
    ownFields.replaceChildren(...fieldsOf(target.value));
  });
  const made = await ask({
    title: text("verifiers.add_title"),
    submit: text("verifiers.save"),
    parts: [
      type,
      ...fields(),
      ownFields,
      field(text("verifiers.uid"), {
        name: "uid",
        hint: text("verifiers.uid_hint"),
        maxlength: 64,
        pattern: "[a-zA-Z0-9_\\-]+",
        autocomplete: "off",
        autocapitalize: "none",
        spellcheck: "false",
      }),
    ],
    work: ({ uid, type, title, description, ...own }) => {
      const settings = settingsOf(type, own);
      const message = { uid: uid || undefined, type, title, description, ...settings };
      return withFreshProof(() => call("AdminService/CreateVerifier", message));
    },
  });
  await saved(made, true);
}

async function edit(verifier) {
  const made = await ask({
    title: text("verifiers.edit_title", titleOf(verifier)),
    submit: text("verifiers.save"),
    parts: [...fields(verifier), ...fieldsOf(verifier.type, verifier)],
    work: async ({ title, description, ...own }) => {
      const { uid, version, type } = verifier;
      const message = { uid, version, title, description, ...settingsOf(type, own) };
      try {
        return await withFreshProof(() => call("AdminService/UpdateVerifier", message));
      } catch (refusal) {
        if (refusal.word === "version_conflict") await load();
        throw refusal;
      }
    },
  });
  await saved(made);
}

/** What it says goes to the receiver alone; how it went is said here. */
async function test(verifier) {
  const title = titleOf(verifier);
  let receiver;
  const sent = await ask({
    title: text("verifiers.test_title", title),
    explanation: text("verifiers.test_why"),
    submit: text("verifiers.test_submit"),
    parts: [receiverField(verifier.type)],
    work: (data) => {
      receiver = receiverOf(data);
      const message = { uid: verifier.uid, receiver };
      return withFreshProof(() => call("AdminService/TestVerifier", message));
    },
  });
  if (sent) say(text("verifiers.tested", title, receiver));
}

/** A new one serves nobody until the settings name it. */
async function saved(verifier, isNew = false) {
  if (!verifier) return;
  await load();
  const key = isNew ? "verifiers.saved_new" : "verifiers.saved";
  say(text(key, titleOf(verifier)));
  list.querySelector(`[value="${verifier.uid}"]`)?.focus();
}

async function deleteSelected() {
  const uids = [...list.querySelectorAll("[name=selected]:checked")].map((it) => it.value);
  if (uids.length === 0) return say(text("verifiers.select_some"));
  const doomed = verifiers.filter((it) => uids.includes(it.uid));
  const bindings = doomed.reduce((sum, it) => sum + (it.bindings ?? 0), 0);
  const names = make("ul", {}, ...doomed.map((it) => make("li", {}, titleOf(it))));
  const used = doomed.filter((it) => uses.has(it.uid)).map(titleOf);
  const stays = make("p", { class: "caution" }, text("verifiers.delete_used", used.join(", ")));
  const warning = make("p", { class: "warning" }, text("verifiers.delete_bindings", bindings));
  const deleted = await ask({
    title: text("verifiers.delete_title", uids.length),
    submit: text("verifiers.delete_submit"),
    isGrave: true,
    parts: [names, ...(used.length > 0 ? [stays] : []), ...(bindings > 0 ? [warning] : [])],
    // Only what was told is confirmed: bindings made meanwhile are refused, and told anew.
    work: () =>
      withFreshProof(() =>
        call("AdminService/DeleteVerifiers", { uids, deleteBindings: bindings > 0 }),
      ),
  });
  if (!deleted) return;
  await load();
  document.querySelector("h1").focus();
  say(text("verifiers.deleted", uids.length, deleted.bindings ?? 0));
}

document.getElementById("add").addEventListener("click", () => attempt(add));
document.getElementById("delete").addEventListener("click", () => attempt(deleteSelected));
await openPage("administrator", load);
