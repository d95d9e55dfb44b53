// Choosing a new password: in the place of an initial one while signing in, and in the place of a
// forgotten one by a link in a mail. A first one is chosen by such a link, too.

import { call } from "./calls.js";
import { button, field, make, tick } from "./elements.js";
import { text } from "./sentences.js";
import { showStep, stepForm } from "./steps.js";
import { backToFirst, giveUp, replaced, step } from "./under-way.js";

/** In a sign-in: the password needs `least` characters. `name` is for password managers. */
export function chooseNewPassword(name, least) {
  const form = stepForm(
    [accountName(name), ...newPasswordParts(text("new_password.hint", least))],
    text("new_password.submit"),
    async ({ newPassword }) => replaced(await step("ChangePassword", { newPassword })),
    button(text("sign_in.cancel"), giveUp, { class: "quiet" }),
  );
  showStep(text("new_password.title"), make("p", {}, text("new_password.why")), form);
}

/** Asks for whom a link is to be sent. `name` is what was typed already. */
export function askForLink(name) {
  const identifier = field(text("sign_in.identifier"), {
    name: "identifier",
    value: name,
    autocomplete: "username",
    autocapitalize: "none",
    spellcheck: "false",
    maxlength: 320,
    required: true,
  });
  const form = stepForm(
    [identifier],
    text("forgotten.submit"),
    async (data) => {
      await call("SignInService/BeginPasswordReset", { identifier: data.identifier });
      backToFirst(text("forgotten.sent"));
    },
    button(text("cancel"), () => backToFirst(), { class: "quiet" }),
  );
  showStep(text("forgotten.title"), make("p", {}, text("forgotten.why")), form);
}

/** By a link that a mail brought. */
export function followLink(token) {
  const form = stepForm(
    [accountName(), ...newPasswordParts(text("reset.hint"))],
    text("reset.submit"),
    async ({ newPassword }) => {
      await call("SignInService/CompletePasswordReset", { token, newPassword });
      backToFirst(text("reset.done"));
    },
    button(text("cancel"), () => backToFirst(), { class: "quiet" }),
  );
  showStep(text("new_password.title"), make("p", {}, text("reset.why")), form);
}

/** Whose password it is, for password managers; a link does not say it. */
function accountName(name = "") {
  return make("input", {
    class: "unseen",
    name: "identifier",
    autocomplete: "username",
    value: name,
    tabindex: "-1",
    "aria-hidden": "true",
    readonly: true,
  });
}

/** The field for it, and the box that shows what is typed there. */
export function newPasswordParts(hint) {
  const password = field(text("new_password"), {
    name: "newPassword",
    type: "password",
    autocomplete: "new-password",
    maxlength: 256,
    hint,
    required: true,
  });
  const reveal = tick(text("password.reveal"), { type: "checkbox" });
  reveal.addEventListener("change", ({ target }) => {
    password.querySelector("input").type = target.checked ? "text" : "password";
  });
  return [password, reveal];
}
