// One rule, asked for in a dialog: whom it is for, and what it asks.

import { ask } from "./dialogs.js";
import { field, make, tick, titleOf } from "./elements.js";
import { networksField, networksOf } from "./networks.js";
import { requirementFields, requirementsOf } from "./requirement-fields.js";
import { word } from "./rule-words.js";
import { text } from "./sentences.js";
import { userChoice } from "./user-choice.js";

/** What a rule holds at most, as the protocol says. */
const usersMax = 32;
const networksMax = 16;
const roles = ["administrator"];
const methods = ["password", "passkey", "single_sign_on"];

/**
 * Asks for a rule, which is `rule` until now. `taken` are the names of the others. Returns
 * undefined when it was given up.
 */
export function askForRule({ rule, verifiers, taken }) {
  const before = rule ?? { name: "", requirements: {} };
  const parts = [
    nameField(before.name, taken),
    field(text("rule.description"), {
      name: "description",
      value: before.description,
      maxlength: 256,
      autocomplete: "off",
      hint: text("rule.description_hint"),
    }),
    whomFields(before),
    askedFields(before.requirements, verifiers),
  ];
  return ask({
    title: rule ? text("rule.edit_title", rule.name) : text("rule.add_title"),
    submit: text(rule ? "rule.change" : "rule.add"),
    parts,
    work: async (data) => ruleOf(data, before, parts),
  });
}

function nameField(name, taken) {
  const part = field(text("rule.name"), {
    name: "name",
    value: name,
    hint: text("rule.name_hint"),
    maxlength: 64,
    pattern: "[a-zA-Z0-9_\\-]+",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    required: true,
  });
  const input = part.querySelector("input");
  input.addEventListener("input", () =>
    input.setCustomValidity(
      input.value === "base" || taken.includes(input.value) ? text("rule.name_taken") : "",
    ),
  );
  return part;
}

const boxes = (name, words, chosen, label) =>
  words.map((value) =>
    tick(label(value), { type: "checkbox", name, value, checked: chosen.includes(value) }),
  );

function group(legend, hint, ...parts) {
  return make(
    "fieldset",
    {},
    make("legend", {}, legend),
    make("p", { class: "hint" }, hint),
    ...parts,
  );
}

function whomFields({ roles: of = [], users = [], networks, exceptNetworks, methods: by = [] }) {
  return group(
    text("rule.for"),
    text("rule.for_hint"),
    ...boxes("role", roles, of, (it) => word("role", it)),
    userChoice(text("rule.users"), { chosen: users, most: usersMax }),
    networksField(text("rule.networks"), { name: "networks", networks, most: networksMax }),
    networksField(text("rule.except_networks"), {
      name: "exceptNetworks",
      networks: exceptNetworks,
      most: networksMax,
    }),
    make(
      "fieldset",
      { class: "plain" },
      make("legend", {}, text("rule.methods")),
      ...boxes("method", methods, by, (it) => word("method", it)),
    ),
  );
}

function askedFields(asked, verifiers) {
  const chosen = asked.verifiers ?? [];
  const titles = new Map(verifiers.map((it) => [it.uid, titleOf(it)]));
  // One that is there no more stays to be seen, so that it can be taken out.
  const uids = [...new Set([...titles.keys(), ...chosen])];
  return group(
    text("rule.asks"),
    text("rule.asks_hint"),
    ...requirementFields(asked, text("level.none"), () => text("asked_for.nothing")),
    make(
      "fieldset",
      { class: "plain" },
      make("legend", {}, text("asked_for.verifiers")),
      ...boxes("verifier", uids, chosen, (it) => titles.get(it) ?? it),
    ),
    tick(text("asked_for.no_trust"), {
      type: "checkbox",
      name: "noTrust",
      checked: asked.trustedDevices === false,
    }),
    tick(text("asked_for.denied"), {
      type: "checkbox",
      name: "denied",
      checked: asked.denied === true,
    }),
  );
}

/** What the form says; a list without anything in it is left out, as the protocol does. */
function ruleOf(data, before, parts) {
  const chosen = (name) => {
    const found = parts.flatMap((part) => [
      ...part.querySelectorAll(`input[name=${name}]:checked, input[type=hidden][name=${name}]`),
    ]);
    return found.length > 0 ? found.map((it) => it.value) : undefined;
  };
  const listed = (typed) => (networksOf(typed).length > 0 ? networksOf(typed) : undefined);
  const asked = requirementsOf(data, before.requirements);
  const trusted = before.requirements.trustedDevices === true ? true : undefined;
  return {
    ...before,
    name: data.name,
    description: data.description || undefined,
    roles: chosen("role"),
    users: chosen("user"),
    networks: listed(data.networks),
    exceptNetworks: listed(data.exceptNetworks),
    methods: chosen("method"),
    requirements: {
      ...asked,
      verifiers: chosen("verifier"),
      trustedDevices: data.noTrust ? false : trusted,
      denied: data.denied ? true : undefined,
    },
  };
}
