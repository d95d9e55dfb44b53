// Proving an authenticator inside a session.

import { call, Refusal } from "./calls.js";
import { ask } from "./dialogs.js";
import { authenticatorChoice, codeField } from "./elements.js";
import { digits } from "./forms.js";
import { text } from "./sentences.js";
import { goToSignIn } from "./session.js";

/**
 * Asks for a code of one of these authenticators and runs `work(authenticator, code)`. Returns
 * what that returned, or undefined when it was given up.
 */
export function askForProof({ title, explanation, submit, authenticators, work }) {
  return ask({
    title,
    explanation,
    submit,
    parts: [authenticatorChoice(authenticators), codeField()],
    work: ({ authenticator, code }) => work(authenticator, digits(code)),
  });
}

/** What the signed-in user can prove now. */
export async function ownAuthenticators() {
  const { authenticators = [] } = await call("AccountService/ListAuthenticators");
  return authenticators.filter((it) => !it.disabled);
}

/**
 * Runs `work`; where it is refused for want of a fresh proof, asks for one and runs it again.
 * Whoever has nothing to prove with signs in again.
 */
export async function withFreshProof(work) {
  try {
    return await work();
  } catch (error) {
    if (error.word !== "step_up_required") throw error;
  }
  const authenticators = await ownAuthenticators();
  if (authenticators.length === 0) {
    await askToSignInAgain();
    throw new Refusal("proof_given_up");
  }
  const proved = await askForProof({
    title: text("proof.title"),
    explanation: text("proof.why"),
    submit: text("proof.submit"),
    authenticators,
    work: (authenticator, code) => call("AccountService/StepUp", { authenticator, code }),
  });
  if (!proved) throw new Refusal("proof_given_up");
  return work();
}

function askToSignInAgain() {
  return ask({
    title: text("proof.sign_in_title"),
    explanation: text("proof.sign_in_why"),
    submit: text("proof.sign_in"),
    work: async () => {
      await call("AccountService/SignOut");
      goToSignIn();
    },
  });
}
