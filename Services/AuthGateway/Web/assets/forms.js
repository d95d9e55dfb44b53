// Forms and buttons that call: one submission at a time, refusals as sentences beside what was
// asked, the keyboard's place where the mistake is.

import { Refusal } from "./calls.js";
import { refusalText } from "./sentences.js";
import { goToSignIn } from "./session.js";

/** The field that a refusal is about, where it is about one; of several the one there is. */
const fieldOf = {
  code_wrong: "code",
  code_used: "code",
  recovery_code_used: "code",
  password_wrong: ["currentPassword", "password"],
  password_too_short: "newPassword",
  password_too_long: "newPassword",
  password_too_common: "newPassword",
  password_unchanged: "newPassword",
  user_name_invalid: "userName",
  user_name_taken: "userName",
  email_invalid: "email",
  email_taken: "email",
  phone_invalid: "phone",
  phone_taken: "phone",
  receiver_invalid: ["phone", "email"],
  reason_required: "reason",
  verifier_uid_invalid: "uid",
  verifier_exists: "uid",
};

/**
 * Runs `work(data)` when the form is submitted, `data` being its fields by name. What it refuses
 * is told in `notice`, the form's alert. While it runs further submissions do nothing; the button
 * keeps the focus, which a disabled one would lose.
 */
export function onSubmit(form, work, notice = alertOf(form)) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy(form)) return;
    form.setAttribute("aria-busy", "true");
    clear(form, notice);
    try {
      await work(Object.fromEntries(new FormData(form)));
    } catch (error) {
      tell(error, notice);
      markField(form, notice, error);
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}

function alertOf(form) {
  return form.querySelector("[role=alert]") ?? document.getElementById("trouble");
}

export function isBusy(form) {
  return form.getAttribute("aria-busy") === "true";
}

/**
 * Runs what no form has asked for: the first load of a page, a button of a list. Returns whether
 * it went well.
 */
export async function attempt(work, notice = document.getElementById("trouble")) {
  notice.textContent = "";
  try {
    await work();
    return true;
  } catch (error) {
    tell(error, notice);
    return false;
  }
}

function tell(error, notice) {
  notice.dataset.word = error.word ?? "internal";
  if (!(error instanceof Refusal)) {
    notice.textContent = refusalText(new Refusal("internal"));
    throw error;
  }
  if (error.word === "not_signed_in") goToSignIn();
  notice.textContent = refusalText(error);
}

function clear(form, notice) {
  notice.textContent = "";
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-errormessage");
  }
}

function markField(form, notice, { word }) {
  const names = [fieldOf[word] ?? []].flat();
  const input = names.map((name) => form.elements[name]).find((it) => it instanceof HTMLElement);
  if (!input) return;
  notice.id ||= `${form.id || "form"}-refusal`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-errormessage", notice.id);
  input.focus();
  input.select?.();
}

/** The digits of a code: people type blanks where apps show them. */
export function digits(typed) {
  return typed.replace(/\s/gu, "");
}

/** Lets the boxes that reveal passwords do so. */
export function prepareReveals(root) {
  for (const box of root.querySelectorAll("[data-reveals]")) {
    box.addEventListener("change", () => {
      for (const id of box.dataset.reveals.split(" ")) {
        document.getElementById(id).type = box.checked ? "text" : "password";
      }
    });
  }
}

/** Hides again what was revealed, and forgets it. */
export function resetForm(form) {
  form.reset();
  for (const box of form.querySelectorAll("[data-reveals]")) {
    box.dispatchEvent(new Event("change"));
  }
}
