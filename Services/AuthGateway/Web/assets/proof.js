// Proving an authenticator inside a session.

import { call, Refusal } from "./calls.js";
import { ask } from "./dialogs.js";
import { field, make } from "./elements.js";
import { giveProof, proofQuestion } from "./proving.js";
import { ofRecoveryCode } from "./recovery.js";
import { keepLanguage, text } from "./sentences.js";
import { goToSignIn } from "./session.js";

/**
 * Asks to prove one of these authenticators, or for a recovery code where there are any, and runs
 * `work(authenticator, proof)`, `proof` being the field of the message that holds it. Returns what
 * that returned, or undefined when it was given up.
 */
export function askForProof({
  title, explanation, submit, authenticators, recovery, purpose, work,
}) {
  const begin = (authenticator) =>
    call("AccountService/BeginProof", { authenticator, purpose });
  return ask({
    title,
    explanation,
    submit,
    parts: [proofQuestion(authenticators, recovery, begin)],
    work: async (data) => {
      const proof = await giveProof(authenticators, data, begin);
      try {
        return await work(data.authenticator, proof);
      } catch (error) {
        throw data.authenticator === recovery ? ofRecoveryCode(error) : error;
      }
    },
  });
}

const active = (authenticators) => authenticators.filter((it) => !it.disabled);

/** What the signed-in user can prove now. */
export async function provable() {
  const { authenticators = [], recovery } = await call("AccountService/ListAuthenticators");
  return { authenticators: active(authenticators), recovery };
}

/**
 * Runs `work`; where it is refused for want of a fresh proof, asks for one and runs it again:
 * for a code, or for the password of whoever has bound nothing. Whose authenticators are all
 * disabled signs in again.
 */
export async function withFreshProof(work) {
  try {
    return await work();
  } catch (error) {
    if (error.word !== "step_up_required") throw error;
  }
  const { authenticators = [], recovery } = await call("AccountService/ListAuthenticators");
  const proved = await stepUp(authenticators, recovery);
  if (!proved) throw new Refusal("proof_given_up");
  return work();
}

function stepUp(authenticators, recovery) {
  if (authenticators.length === 0) return askForPassword();
  const usable = active(authenticators);
  if (usable.length === 0 && !recovery) return askToSignInAgain();
  return askForProof({
    title: text("proof.title"),
    explanation: text("proof.why"),
    submit: text("proof.submit"),
    authenticators: usable,
    recovery,
    purpose: "step_up",
    work: (authenticator, proof) =>
      call("AccountService/StepUp", { authenticator, ...proof }),
  });
}

async function askForPassword() {
  const { userName } = await call("AccountService/Get");
  return ask({
    title: text("proof.title"),
    explanation: text("proof.password_why"),
    submit: text("proof.submit"),
    parts: [
      // For password managers.
      make("input", {
        class: "unseen",
        name: "identifier",
        autocomplete: "username",
        value: userName,
        tabindex: "-1",
        "aria-hidden": "true",
        readonly: true,
      }),
      field(text("password"), {
        name: "currentPassword",
        type: "password",
        autocomplete: "current-password",
        maxlength: 256,
        required: true,
      }),
    ],
    work: ({ currentPassword }) => call("AccountService/StepUp", { password: currentPassword }),
  });
}

function askToSignInAgain() {
  return ask({
    title: text("proof.sign_in_title"),
    explanation: text("proof.sign_in_why"),
    submit: text("proof.sign_in"),
    work: async () => {
      await call("AccountService/SignOut");
      keepLanguage();
      goToSignIn();
    },
  });
}
