// What differs between two versions of the settings, in words.

import { durationText } from "./durations.js";
import { make } from "./elements.js";
import { limits } from "./limits.js";
import { listText, ruleText, word } from "./rule-words.js";
import { momentText, numberText, text } from "./sentences.js";
import { learnNames, nameOf } from "./user-names.js";

const list = (telling) => (value) => listText(value.split(" ").map(telling));
const plain = (value) => value;
const seconds = (value) => durationText(Number(value));
const answer = (value) => text(value === "true" ? "answer.yes" : "answer.no");

/** Each field of a difference: what it is called, and its value in words. */
const fields = {
  enforcement: ["part.enforcement", (value) => word("enforced", value)],
  description: ["field.description", plain],
  roles: ["field.roles", list((it) => word("role", it))],
  users: ["field.users", list((it) => nameOf(it))],
  networks: ["field.networks", list(plain)],
  exceptNetworks: ["field.except_networks", list(plain)],
  methods: ["field.methods", list((it) => word("method", it))],
  "requirements.enforcement": ["field.level", (value) => word("level", value)],
  "requirements.strength": ["part.strength", (value) => word("strength", value)],
  "requirements.graceUntil": ["part.grace", momentText],
  "requirements.trustedDevices": ["part.trusted_devices", answer],
  "requirements.sessionSeconds": ["part.session_lifetime", seconds],
  "requirements.idleSeconds": ["part.session_idle", seconds],
  "requirements.stepUpSeconds": ["part.step_up", seconds],
  "requirements.passwordLengthMin": ["part.password_length", numberText],
  "requirements.denied": ["part.denied", answer],
  "protection.delayHours": ["field.delay", (value) => seconds(3600 * value)],
  "protection.secondAdministrator": ["field.second_administrator", answer],
  "networks.denied": ["networks.denied", list(plain)],
  "networks.allowed": ["networks.allowed", list(plain)],
  "networks.administratorsFrom": ["networks.administrators", list(plain)],
};
for (const { name, key } of limits) fields[`limits.${name}`] = [key, numberText];

/** What a value is in words; one that was cut, or is not known here yet, as it is. */
function valueText(field, value, titleOf) {
  if (!value) return text("differences.nothing");
  if (value.endsWith("…")) return value;
  if (field === "verifiers" || field === "requirements.verifiers") return list(titleOf)(value);
  return fields[field]?.[1](value) ?? value;
}

function fieldText(field) {
  if (field === "verifiers" || field === "requirements.verifiers") return text("part.verifiers");
  return fields[field] ? text(fields[field][0]) : field;
}

/** A rule that came or went, of which a difference tells `name=value …` in a fixed order. */
export function ruleOf(summary) {
  const names =
    /(?:^| )(description|roles|users|networks|exceptNetworks|methods|requirements\.[a-zA-Z]+)=/gu;
  const found = [...summary.matchAll(names)];
  const rule = { requirements: {} };
  for (const [index, match] of found.entries()) {
    const value = summary.slice(match.index + match[0].length, found[index + 1]?.index);
    const [field, part] = match[1].split(".");
    if (part) rule.requirements[part] = requirementOf(part, value);
    else rule[field] = field === "description" ? value : value.split(" ");
  }
  return rule;
}

function requirementOf(part, value) {
  if (part === "verifiers") return value.split(" ");
  if (part === "denied" || part === "trustedDevices") return value === "true";
  return part.endsWith("Seconds") || part.endsWith("Min") ? Number(value) : value;
}

/**
 * A table of `SettingsDifferences`. `titleOf(uid)` is a verifier's title; `books` are the rules of
 * both versions where they are known, so that a rule that came or went is told from what it is.
 */
export async function differenceTable({ differences = [], more }, titleOf, books = {}) {
  const known = (book, name) => book?.rules?.find((it) => it.name === name);
  const rows = differences.map((it) => {
    const isWhole = !it.field;
    const before = isWhole && it.before && (known(books.before, it.rule) ?? ruleOf(it.before));
    const after = isWhole && it.after && (known(books.after, it.rule) ?? ruleOf(it.after));
    return { ...it, isWhole, rules: [before, after] };
  });
  await learnNames(rows.flatMap(usersIn));
  if (rows.length === 0) return make("p", {}, text("differences.none"));
  return make(
    "div",
    {},
    tableOf(rows.map((it) => row(it, titleOf))),
    more && make("p", { class: "hint" }, text("differences.more")),
  );
}

/** With the roles of its parts, which it would lose where it is shown without columns. */
function tableOf(rows) {
  const head = ["differences.what", "differences.before", "differences.after"].map((key) =>
    make("th", { scope: "col", role: "columnheader" }, text(key)),
  );
  return make(
    "table",
    { class: "differences", role: "table", "aria-label": text("differences.title") },
    make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...head)),
    make("tbody", { role: "rowgroup" }, ...rows),
  );
}

function usersIn({ field, before = "", after = "", rules }) {
  if (field === "users") return `${before} ${after}`.split(" ").filter((it) => it.length === 36);
  return rules.flatMap((it) => (it ? (it.users ?? []) : []));
}

function row({ rule, field = "", before, after, isWhole, rules }, titleOf) {
  const about =
    rule === "base"
      ? fieldText(field)
      : text("differences.rule", rule, isWhole ? "" : fieldText(field));
  const told = isWhole
    ? rules.map((it) => (it ? ruleText(it, titleOf) : text("differences.no_rule")))
    : [valueText(field, before, titleOf), valueText(field, after, titleOf)];
  const labels = [text("differences.before"), text("differences.after")];
  return make(
    "tr",
    { role: "row" },
    make("th", { scope: "row", role: "rowheader" }, about),
    ...told.map((it, at) => make("td", { role: "cell", "data-column": labels[at] }, it)),
  );
}
