// The steps of a sign-in: the first one stands in the page, every other takes its place, and is
// loaded when somebody gets there.

import { Refusal } from "./calls.js";
import { make } from "./elements.js";
import { onSubmit, resetForm } from "./forms.js";
import { setTitle } from "./page.js";
import { loadSentences } from "./sentences.js";

/** Says `shown` whenever it is, and `left` when another step takes its place. */
export const first = document.getElementById("first-step");
const place = document.getElementById("step");

/** Where the first step tells what was refused. */
export const notice = first.querySelector("[role=alert]");

/** A module of later steps, once what they say is there too. */
export async function later(module) {
  try {
    return (await Promise.all([module, loadSentences("proof", "steps")]))[0];
  } catch (error) {
    // A browser says no more than that it could not be loaded.
    throw error instanceof TypeError ? new Refusal("unreachable") : error;
  }
}

/** Shows a step under its heading, and puts the keyboard there. */
export function showStep(title, ...parts) {
  if (!first.hidden) {
    first.hidden = true;
    first.dispatchEvent(new Event("left"));
  }
  // What was typed is needed no more, and what was revealed is hidden again.
  resetForm(first.querySelector("form"));
  notice.textContent = "";
  const heading = make("h1", { id: "step-title", tabindex: "-1" }, title);
  place.replaceChildren(heading, ...parts);
  place.hidden = false;
  setTitle();
  const field =
    place.querySelector("input[name=code]") ??
    place.querySelector("input:not([type=hidden], .unseen)");
  (field ?? heading).focus();
}

/** The first step; `name` is who has tried to sign in here, where it is to be offered again. */
export function showFirstStep(name = "") {
  place.hidden = true;
  place.replaceChildren();
  first.hidden = false;
  setTitle();
  const { identifier, password } = first.querySelector("form").elements;
  identifier.value = name;
  (name ? password : identifier).focus();
  first.dispatchEvent(new Event("shown"));
}

/**
 * The form of a step: its parts, where refusals are told, its button and `others`. Runs
 * `work(data)` with its fields by name when it is submitted.
 */
export function stepForm(parts, submit, work, ...others) {
  const form = make(
    "form",
    { method: "post" },
    ...parts,
    make("p", { role: "alert", class: "refusal" }),
    make("div", { class: "actions" }, make("button", { class: "primary" }, submit), ...others),
  );
  onSubmit(form, work);
  return form;
}
