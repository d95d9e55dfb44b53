// Signing in: the password, then what the gateway asks for next, until the session is open. The
// ticket of the pending sign-in is held here and nowhere else.

import { showBinding } from "./binding.js";
import { call } from "./calls.js";
import { attempt, onSubmit, prepareReveals, resetForm } from "./forms.js";
import { goOn, say, setTitle, show } from "./page.js";
import { hasPasskeys, provePasskey } from "./passkeys.js";
import { giveProof, proofQuestion } from "./proving.js";
import { showRecoveryCodes } from "./recovery.js";
import { text } from "./sentences.js";
import { ownSession } from "./session.js";

const steps = [...document.querySelectorAll("main > section")];
const element = (id) => document.getElementById(id);
const formOf = (step) => element(step).querySelector("form");

let ticket;
/** From a link in a mail. It stood behind the `#`, which no server gets to see. */
let resetToken;
/** What the sign-in offers to prove. */
let offered = [];
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
    begin: (verifier, receiver) => step("BeginBinding", { verifier, receiver }),
    confirm: async (message) => {
      const next = await step("ConfirmBinding", message);
      isProved = true;
      element("binding").replaceChildren();
      await follow(next);
    },
  });
}

/** Asks to prove an authenticator, or for a recovery code where that is all there is. */
function verify({ authenticators = [], recovery }) {
  offered = authenticators;
  const question = proofQuestion(offered, recovery, beginVerification);
  element("verify-question").replaceChildren(question);
  showStep("verify-step");
  (question.querySelector("input[name=code]") ?? element("verify-title")).focus();
}

const beginVerification = (authenticator) => step("BeginVerification", { authenticator });

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
  resetToken = undefined;
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
  const proof = await giveProof(offered, { authenticator, code }, beginVerification);
  const next = await step("CompleteVerification", { authenticator, ...proof });
  isProved = true;
  await follow(next);
});
element("passkey").hidden = !hasPasskeys;
element("passkey").addEventListener("click", () =>
  attempt(async () => {
    const begun = await call("SignInService/BeginPasskey");
    const passkey = await provePasskey(begun.passkey);
    const next = await call("SignInService/CompletePasskey", { ticket: begun.ticket, passkey });
    isProved = true;
    await follow(next);
  }, formOf("password-step").querySelector("[role=alert]")),
);
onSubmit(formOf("new-password-step"), async ({ newPassword }) => {
  await follow(await step("ChangePassword", { newPassword }));
});
element("forgotten").addEventListener("click", () => {
  say("");
  const typed = element("identifier").value;
  showStep("forgotten-step");
  element("forgotten-identifier").value = typed;
});
onSubmit(formOf("forgotten-step"), async ({ identifier }) => {
  await call("SignInService/BeginPasswordReset", { identifier });
  showStep("password-step");
  say(text("forgotten.sent"));
});
onSubmit(formOf("reset-step"), async ({ newPassword }) => {
  await call("SignInService/CompletePasswordReset", { token: resetToken, newPassword });
  forget();
  showStep("password-step");
  say(text("reset.done"));
});
for (const button of document.querySelectorAll("[data-cancels]")) {
  button.addEventListener("click", startAgain);
}
prepareReveals(document);

/** True when the page was opened by a link to choose a new password, which is taken at once out
 * of the address and the history. */
function beginReset() {
  const link = /^#reset=([\w-]{43})$/u.exec(location.hash);
  if (!link) return false;
  resetToken = link[1];
  history.replaceState(null, "", location.pathname);
  say("");
  showStep("reset-step");
  return true;
}

show();
showStep("password-step");
// A link that is opened in a tab where this page stands already loads nothing.
addEventListener("hashchange", beginReset);
const isReset = beginReset();
const asked = new URLSearchParams(location.search);
if (asked.has("signed-out")) say(text("sign_in.signed_out"));
else if (asked.has("next")) say(text("sign_in.needed"));
if (!isReset) {
  await attempt(async () => {
    const { active } = await ownSession();
    if (active) goOn();
  }, formOf("password-step").querySelector("[role=alert]"));
}
