// Small parts that more than one page is made of. Text only ever becomes text: nothing here reads
// markup.

import { text } from "./sentences.js";

let made = 0;

/** An identifier that no other element of the page has. */
export function freshID() {
  made += 1;
  return `made-${made}`;
}

/** An element. Attributes and children that are `false` or `undefined` are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => ![undefined, null, false].includes(child)));
  return element;
}

export function button(label, onClick, attributes = {}) {
  const element = make("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", onClick);
  return element;
}

/** A labelled field; `attributes` go to the input (or to the `tag` that is named). */
export function field(label, { hint, tag = "input", ...attributes }, ...options) {
  const id = freshID();
  const hintID = hint && freshID();
  return make(
    "div",
    { class: "field" },
    make("label", { for: id }, label),
    make(tag, { id, "aria-describedby": hintID, ...attributes }, ...options),
    hint && make("p", { class: "hint", id: hintID }, hint),
  );
}

/** The field for a code; `hint` says where it is to be found. */
export function codeField(hint = text("code.hint")) {
  return field(text("code"), {
    name: "code",
    class: "code",
    hint,
    inputmode: "numeric",
    autocomplete: "one-time-code",
    autocapitalize: "none",
    spellcheck: "false",
    maxlength: 16,
    required: true,
  });
}

export function reasonField() {
  return field(text("reason"), {
    tag: "textarea",
    name: "reason",
    hint: text("reason.hint"),
    rows: 2,
    maxlength: 500,
    required: true,
  });
}

/** One box or button to tick, with what it means beside it. */
export function tick(label, attributes) {
  return make("label", { class: "choice" }, make("input", attributes), make("span", {}, label));
}

/**
 * One of several: radio buttons, the first chosen. A single one is not asked for, only named.
 * `options` are `{ value, label }`.
 */
export function oneOf(name, legend, options) {
  if (options.length === 1) {
    const [{ value, label }] = options;
    return make(
      "p",
      {},
      make("strong", {}, label),
      make("input", { type: "hidden", name, value }),
    );
  }
  return make(
    "fieldset",
    {},
    make("legend", {}, legend),
    ...options.map(({ value, label }, index) =>
      tick(label, { type: "radio", name, value, checked: index === 0, required: true }),
    ),
  );
}

/** What an authenticator or a verifier is called. */
export function titleOf({ title, type, hint, name }) {
  const kind = title || text(`type.${type}`);
  const which = [name, hint].filter(Boolean).join(", ");
  return which ? `${kind} (${which})` : kind;
}

export function authenticatorChoice(authenticators) {
  return oneOf(
    "authenticator",
    text("verify.which"),
    authenticators.map((it) => ({ value: it.id, label: titleOf(it) })),
  );
}

/** A secret to be taken along: shown, selectable as a whole, and copied by a button. */
export function copyable(shown, copied = shown) {
  const code = make("code", { class: "secret", translate: "no" }, shown);
  return make("div", { class: "together" }, code, ...copying(copied));
}

/**
 * What copies a text, and what says that it did. Without a secure context there is no clipboard,
 * and a browser may refuse it; the text can still be selected.
 */
export function copying(copied) {
  if (!navigator.clipboard) return [];
  const told = make("span", { role: "status", class: "hint" });
  const write = () => navigator.clipboard.writeText(copied);
  const copy = button(text("copy"), async () => {
    const isDone = await write().then(() => true, () => false);
    told.textContent = text(isDone ? "copied" : "not_copied");
  });
  return [copy, told];
}

/** Replaces the content of a list of names and values; empty values are left out. */
export function showFacts(list, facts) {
  list.replaceChildren(
    ...facts
      .filter(([, value]) => value)
      .map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
  );
}
