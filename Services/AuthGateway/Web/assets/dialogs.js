// Questions that stand before the page: a dialog with one form.

import { button, copyable, freshID, make } from "./elements.js";
import { isBusy, onSubmit } from "./forms.js";
import { text } from "./sentences.js";

/**
 * Asks in a dialog and runs `work(data)` with what was answered; a refusal is told in the dialog,
 * which stays. Returns what `work` returned, or undefined when it was given up.
 *
 * `parts` are the elements of the form, between the explanation and the buttons. `isGrave` is what
 * nobody can undo.
 */
export function ask({ title, explanation, parts = [], submit, work, isGrave = false }) {
  const { dialog, form } = makeDialog(title, [
    explanation && make("p", {}, explanation),
    ...parts,
    make("p", { role: "alert", class: "refusal" }),
    make(
      "div",
      { class: "actions" },
      make("button", { class: isGrave ? "primary grave" : "primary" }, submit),
      button(text("cancel"), () => isBusy(form) || dialog.close(), { class: "quiet" }),
    ),
  ]);
  let result;
  onSubmit(form, async (data) => {
    result = await work(data);
    dialog.close();
  });
  // Given up only between submissions: what was sent cannot be called back.
  dialog.addEventListener("cancel", (event) => {
    if (isBusy(form)) event.preventDefault();
  });
  return open(dialog, () => result);
}

/** Shows a secret that will not be told again, until it is closed by its button. */
export function tellOnce({ title, explanation, label, secret }) {
  const labelID = freshID();
  const { dialog, form } = makeDialog(title, [
    make("p", {}, explanation),
    make(
      "div",
      { role: "group", "aria-labelledby": labelID, class: "field" },
      make("span", { id: labelID, class: "label" }, label),
      copyable(secret),
    ),
    make("div", { class: "actions" }, make("button", { class: "primary" }, text("close"))),
  ]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  // A second Escape is not asked about by browsers that know this.
  dialog.setAttribute("closedby", "none");
  return open(dialog, () => undefined);
}

function makeDialog(title, parts) {
  const heading = make("h2", { id: freshID(), tabindex: "-1" }, title);
  const form = make("form", { method: "post" }, heading, ...parts);
  form.id = freshID();
  const dialog = make("dialog", { "aria-labelledby": heading.id }, form);
  return { dialog, form };
}

/** The browser keeps the keyboard inside and gives it back to where it was. */
function open(dialog, result) {
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result());
    });
    dialog.showModal();
    const field = dialog.querySelector(
      "input:not([type=hidden], [aria-hidden]), select, textarea",
    );
    (field ?? dialog.querySelector("h2")).focus();
  });
}
