// Which authenticator proves, and how: a code that is typed, or a passkey that is asked. The same
// for a sign-in and inside a session, which differ in the calls.

import { authenticatorChoice } from "./elements.js";
import { digits } from "./forms.js";
import { provePasskey } from "./passkeys.js";

/**
 * The choice among `authenticators`, beside the `code` field (its element with label and hint),
 * which is asked for only where the chosen one wants a code.
 */
export function proofChoice(authenticators, code) {
  const choice = authenticatorChoice(authenticators);
  const show = (chosen) => {
    const wantsCode = typeOf(authenticators, chosen) !== "passkey";
    code.hidden = !wantsCode;
    code.querySelector("input").required = wantsCode;
  };
  choice.addEventListener("change", (event) => show(event.target.value));
  show(authenticators[0]?.id);
  return choice;
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
