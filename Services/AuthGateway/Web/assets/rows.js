// Rows of a list: what each is, what is known of it, and what can be done to it.

import { button, make } from "./elements.js";
import { attempt } from "./forms.js";
import { say } from "./frame.js";

/**
 * `kind` names the picture; `facts` are lines, empty ones are left out; `badge` is
 * `{ look, label }`; `actions` are `{ label, name, run }`, `name` being the label with the thing
 * in it, for screen readers.
 */
export function row({ kind, title, badge, facts, actions = [] }) {
  const item = make(
    "li",
    {},
    make("span", { class: `kind ${kind}`, "aria-hidden": "true" }),
    make(
      "div",
      {},
      make(
        "h3",
        { tabindex: "-1" },
        title,
        badge && " ",
        badge && make("span", { class: `badge ${badge.look}` }, badge.label),
      ),
      ...facts.filter(Boolean).map((fact) => make("p", {}, fact)),
    ),
  );
  const buttons = actions.map(({ label, name, run }) =>
    button(label, () => act(item, run), { "aria-label": name }),
  );
  if (buttons.length > 0) item.append(make("div", { class: "actions" }, ...buttons));
  return item;
}

/** What is done to a thing, one at a time: a button that were disabled would lose the keyboard. */
export async function act(thing, run) {
  if (thing.getAttribute("aria-busy") === "true") return;
  thing.setAttribute("aria-busy", "true");
  say("");
  try {
    await attempt(run);
  } finally {
    thing.removeAttribute("aria-busy");
  }
}

/** A button by itself that does one thing at a time. */
export function acting(label, run, attributes) {
  const press = button(label, () => act(press, run), attributes);
  return press;
}

/** Where a row was taken away, the keyboard goes on: to the next one, else to the heading. */
export function focusRow(list, index, heading) {
  const next = list.children[Math.min(index, list.children.length - 1)];
  (next?.querySelector("h3") ?? heading).focus();
}

/** Several facts on one line. */
export const joined = (...facts) => facts.flat().filter(Boolean).join(" · ");
