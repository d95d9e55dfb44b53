// Which authenticator proves, and how: a code that is typed, or a passkey that is asked. The same
// for a sign-in and inside a session, which differ in the calls.

import { authenticatorChoice, button, codeField, make } from "./elements.js";
import { digits } from "./forms.js";
import { provePasskey } from "./passkeys.js";
import { recoveryCodeField } from "./recovery.js";
import { text } from "./sentences.js";

/**
 * Asks which of `authenticators` proves and for its code, where it has one, or for a recovery code
 * where `recovery` says that there are any.
 */
export function proofQuestion(authenticators, recovery) {
  const question = make("div");
  const show = (byRecovery) => {
    question.replaceChildren(
      ...(byRecovery ? recoveryParts(recovery) : authenticatorParts(authenticators)),
    );
    if (recovery && authenticators.length > 0) {
      const other = text(byRecovery ? "recovery.use_other" : "recovery.use");
      question.append(button(other, () => show(!byRecovery), { class: "quiet" }));
    }
    const notice = question.closest("form")?.querySelector("[role=alert]");
    if (notice) notice.textContent = "";
    question.querySelector("input[name=code]").focus();
  };
  show(authenticators.length === 0);
  return question;
}

function recoveryParts(recovery) {
  return [
    make("input", { type: "hidden", name: "authenticator", value: recovery }),
    recoveryCodeField(),
  ];
}

/** The code is asked for only where the chosen one wants a code. */
function authenticatorParts(authenticators) {
  const choice = authenticatorChoice(authenticators);
  const code = codeField();
  const show = (chosen) => {
    const wantsCode = typeOf(authenticators, chosen) !== "passkey";
    code.hidden = !wantsCode;
    code.querySelector("input").required = wantsCode;
  };
  choice.addEventListener("change", (event) => show(event.target.value));
  show(authenticators[0]?.id);
  return [choice, code];
}

/**
 * What proves the chosen authenticator: `{ code }` or `{ passkey }`. `begin(authenticator)`
 * returns ChallengeStarted.
 */
export async function giveProof(authenticators, { authenticator, code }, begin) {
  if (typeOf(authenticators, authenticator) !== "passkey") return { code: digits(code) };
  const { passkey } = await begin(authenticator);
  return { passkey: await provePasskey(passkey) };
}

function typeOf(authenticators, id) {
  return authenticators.find((it) => it.id === id)?.type;
}
