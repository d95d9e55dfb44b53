// Signing in: the password, then what the gateway asks for next, until the session is open. The
// ticket of the pending sign-in is held here and nowhere else.

import { showBinding } from "./binding.js";
import { call } from "./calls.js";
import { authenticatorChoice, codeField, make } from "./elements.js";
import { attempt, digits, onSubmit, prepareReveals, resetForm } from "./forms.js";
import { goOn, say, setTitle, show } from "./frame.js";
import { recoveryCodeField, showRecoveryCodes } from "./recovery.js";
import { text } from "./sentences.js";
import { ownSession } from "./session.js";

const steps = [...document.querySelectorAll("main > section")];
const element = (id) => document.getElementById(id);
const formOf = (step) => element(step).querySelector("form");

let ticket;
/** A second factor was proved or bound in this sign-in, so a shorter password is enough. */
let isProved = false;

/** Shows one step and puts the keyboard there. */
function showStep(id) {
  for (const step of steps) {
    step.hidden = step.id !== id;
    const form = step.querySelector("form");
    if (form && step.hidden) {
      resetForm(form);
      form.querySelector("[role=alert]").textContent = "";
    }
  }
  setTitle();
  const field = element(id).querySelector("input:not([type=hidden], .unseen)");
  (field ?? element(id).querySelector("h1"))?.focus();
}

/** Does what the gateway's answer to the step before asks for. */
async function follow(step) {
  say("");
  if (step.recoveryCodes?.length) {
    showStep("recovery-step");
    await showRecoveryCodes(element("recovery-codes"), step.recoveryCodes, "h1");
  }
  if (step.signedIn) return goOn();
  const offer = step.bind ?? step.verify ?? step.changePassword;
  ticket = offer.ticket;
  if (step.bind) return bind(step.bind.verifiers ?? []);
  if (step.verify) return verify(step.verify);
  element("new-password-hint").textContent = text("new_password.hint", isProved ? 8 : 15);
  element("account-name").value = element("identifier").value;
  showStep("new-password-step");
}

async function bind(verifiers) {
  showStep("bind-step");
  await showBinding(element("binding"), {
    verifiers,
    begin: (verifier) => step("BeginBinding", { verifier }),
    confirm: async (code) => {
      const next = await step("ConfirmBinding", { code });
      isProved = true;
      element("binding").replaceChildren();
      await follow(next);
    },
  });
}

/** Asks for a code of an authenticator, or for a recovery code where that is all there is. */
function verify({ authenticators = [], recovery }) {
  const link = element("use-recovery");
  const ask = (byRecovery) => {
    element("verify-choice").replaceChildren(
      byRecovery
        ? make("input", { type: "hidden", name: "authenticator", value: recovery })
        : authenticatorChoice(authenticators),
    );
    element("verify-code").replaceChildren(byRecovery ? recoveryCodeField() : codeField());
    link.hidden = !recovery || authenticators.length === 0;
    link.textContent = text(byRecovery ? "recovery.use_other" : "recovery.use");
    link.onclick = () => ask(!byRecovery);
    formOf("verify-step").querySelector("[role=alert]").textContent = "";
    element("verify-code").querySelector("input").focus();
  };
  showStep("verify-step");
  ask(authenticators.length === 0);
}

/** A call of the pending sign-in. One that has ended leads to the page that says so. */
async function step(method, message) {
  try {
    return await call(`SignInService/${method}`, { ticket, ...message });
  } catch (refusal) {
    if (["sign_in_expired", "step_out_of_order"].includes(refusal.word)) {
      forget();
      showStep("expired-step");
    }
    throw refusal;
  }
}

function forget() {
  ticket = undefined;
  isProved = false;
  element("binding").replaceChildren();
}

/** Gives the sign-in up, also at the gateway, and begins anew. */
async function startAgain() {
  const given = ticket;
  forget();
  showStep("password-step");
  if (!given) return say("");
  say(text("sign_in.canceled"));
  await attempt(
    () => call("SignInService/Cancel", { ticket: given }),
    formOf("password-step").querySelector("[role=alert]"),
  );
}

onSubmit(formOf("password-step"), async ({ identifier, password }) => {
  const next = await call("SignInService/Start", { identifier, password });
  // The name stays for password managers; the password is not needed any more.
  element("password").value = "";
  await follow(next);
});
onSubmit(formOf("verify-step"), async ({ authenticator, code }) => {
  const next = await step("CompleteVerification", { authenticator, code: digits(code) });
  isProved = true;
  await follow(next);
});
onSubmit(formOf("new-password-step"), async ({ newPassword }) => {
  await follow(await step("ChangePassword", { newPassword }));
});
for (const button of document.querySelectorAll("[data-cancels]")) {
  button.addEventListener("click", startAgain);
}
prepareReveals(document);

show();
showStep("password-step");
const asked = new URLSearchParams(location.search);
if (asked.has("signed-out")) say(text("sign_in.signed_out"));
else if (asked.has("next")) say(text("sign_in.needed"));
await attempt(async () => {
  const { active } = await ownSession();
  if (active) goOn();
}, formOf("password-step").querySelector("[role=alert]"));
