// Making oneself an account, where the installation allows it: an address first, and the rest by
// the link that is sent there.

import { call, Refusal } from "./calls.js";
import { button, field, make } from "./elements.js";
import { receiverField, receiverOf } from "./messages.js";
import { newPasswordParts } from "./new-password.js";
import { language, text } from "./sentences.js";
import { showStep, stepForm } from "./steps.js";
import { backToFirst, start } from "./under-way.js";

/** Asks where the link is to be sent. */
export function askForLink() {
  const form = stepForm(
    [receiverField("email")],
    text("sign_up.submit"),
    async (data) => {
      const email = receiverOf(data);
      await call("SignInService/SignUp", { email, locale: language });
      showStep(
        text("sign_up.sent_title"),
        make("p", {}, text("sign_up.sent", email)),
        make(
          "div",
          { class: "actions" },
          button(text("sign_up.back"), () => backToFirst(), { class: "quiet" }),
        ),
      );
    },
    button(text("cancel"), () => backToFirst(), { class: "quiet" }),
  );
  showStep(text("sign_up.title"), make("p", {}, text("sign_up.why")), form);
}

/** By a link that a mail brought. Whoever has made an account is signed in to it. */
export function followLink(token) {
  const form = stepForm(
    [
      field(text("sign_up.user_name"), {
        name: "userName",
        autocomplete: "username",
        autocapitalize: "none",
        spellcheck: "false",
        maxlength: 50,
        hint: text("sign_up.user_name_hint"),
        required: true,
      }),
      field(text("sign_up.display_name"), {
        name: "displayName",
        autocomplete: "name",
        maxlength: 100,
        hint: text("sign_up.display_name_hint"),
      }),
      ...newPasswordParts(text("reset.hint")),
    ],
    text("sign_up.make"),
    async ({ userName, displayName, newPassword }) => {
      await call("SignInService/ConfirmSignUp", {
        token, name: userName, displayName, newPassword,
      });
      await signIn(userName, newPassword);
    },
    button(text("cancel"), () => backToFirst(), { class: "quiet" }),
  );
  showStep(text("sign_up.make_title"), form);

  /** The account is there, whatever becomes of this. */
  async function signIn(name, password) {
    try {
      await start(name, password);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      backToFirst(text("sign_up.done"), name);
    }
  }
}
