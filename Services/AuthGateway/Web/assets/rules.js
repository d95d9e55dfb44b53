// The rules of the settings as a list in words: those that are saved, and what is changed on them
// until it is.

import { button, make, titleOf } from "./elements.js";
import { attempt } from "./forms.js";
import { askForRule } from "./rule-form.js";
import { requirementWords, whom } from "./rule-words.js";
import { text } from "./sentences.js";
import { isSame } from "./settings-draft.js";
import { learnNames } from "./user-names.js";

const list = document.getElementById("rules");
const none = document.getElementById("no-rules");

let saved = [];
let rules = [];
let verifiers = [];
let onChange = () => {};

/** What the rules are now. */
export const currentRules = () => rules;

/** Shows `now`; `before` are the rules that are in force. */
export async function showRules({ before, now, verifiers: there, changed }) {
  saved = before;
  rules = now;
  verifiers = there;
  onChange = changed;
  await learnNames([...before, ...now].flatMap((it) => it.users ?? []));
  show();
}

const verifierTitle = (uid) => {
  const verifier = verifiers.find((it) => it.uid === uid);
  return verifier ? titleOf(verifier) : uid;
};

function show() {
  const gone = saved.filter((it) => !rules.some(({ name }) => name === it.name));
  const rows = [...rules.map(row), ...gone.map(goneRow)];
  list.replaceChildren(...rows);
  none.hidden = rows.length > 0;
}

/** Replaces the list, leads the keyboard to the rule of that name, and tells the page. */
function change(to, name) {
  rules = to;
  show();
  const item = [...list.children].find((it) => it.dataset.rule === name);
  (item?.querySelector("h3") ?? document.getElementById("add-rule")).focus();
  onChange();
}

function item(rule, badge, actions, kind) {
  const asked = requirementWords(rule.requirements, verifierTitle);
  const sentences = asked.length > 0 ? asked : [text("asked.nothing")];
  const described = rule.description && make("p", {}, rule.description);
  return make(
    "li",
    { "data-rule": rule.name, class: kind },
    make(
      "div",
      {},
      make("h3", { tabindex: "-1" }, rule.name, badge && " ", badge),
      described,
      make("p", { class: "whom" }, text("rule.begins", whom(rule))),
      make("ul", { class: "asked" }, ...sentences.map((it) => make("li", {}, it))),
    ),
    make("div", { class: "actions" }, ...actions),
  );
}

const badge = (key, kind) => make("span", { class: `badge ${kind}` }, text(key));

function row(rule) {
  const before = saved.find((it) => it.name === rule.name);
  const isNew = !before && badge("rule.is_new", "warn");
  const isChanged = before && !isSame(before, rule) && badge("rule.is_changed", "warn");
  return item(rule, isNew || isChanged, [
    button(text("rule.edit"), () => attempt(() => edit(rule)), {
      "aria-label": text("rule.edit_named", rule.name),
    }),
    button(text("rule.remove"), () => change(rules.filter((it) => it !== rule), rule.name), {
      "aria-label": text("rule.remove_named", rule.name),
    }),
  ]);
}

function goneRow(rule) {
  const putBack = button(text("rule.put_back"), () => change([...rules, rule], rule.name), {
    "aria-label": text("rule.put_back_named", rule.name),
  });
  return item(rule, badge("rule.is_gone", "bad"), [putBack], "gone");
}

async function edit(rule) {
  const others = rules.filter((it) => it !== rule).map((it) => it.name);
  const changed = await askForRule({ rule, verifiers, taken: others });
  if (changed) change(rules.map((it) => (it === rule ? changed : it)), changed.name);
}

async function add() {
  const added = await askForRule({ verifiers, taken: rules.map((it) => it.name) });
  if (added) change([...rules, added], added.name);
}

document.getElementById("add-rule").addEventListener("click", () => attempt(add));
