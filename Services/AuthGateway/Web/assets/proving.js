// Which authenticator proves, and how: a code that is shown or sent, or a passkey that is asked.
// The same for a sign-in and inside a session, which differ in the calls.

import { authenticatorChoice, button, codeField, make } from "./elements.js";
import { digits } from "./forms.js";
import { isSent, sentCode } from "./messages.js";
import { hasPasskeys, provePasskey } from "./passkeys.js";
import { recoveryCodeField } from "./recovery.js";
import { text } from "./sentences.js";

/**
 * Asks which of `authenticators` proves and for its code, where it has one, or for a recovery code
 * where `recovery` says that there are any. `begin(authenticator)` returns ChallengeStarted.
 * `besides` is asked with an authenticator only.
 */
export function proofQuestion(authenticators, recovery, begin, besides) {
  const question = make("div");
  const own =
    authenticators.length > 0
      ? [...authenticatorParts(passkeysFirst(authenticators), begin), besides].filter(Boolean)
      : [];
  const show = (byRecovery) => {
    question.replaceChildren(...(byRecovery ? recoveryParts(recovery) : own));
    if (recovery && authenticators.length > 0) {
      const other = text(byRecovery ? "recovery.use_other" : "recovery.use");
      question.append(button(other, () => show(!byRecovery), { class: "quiet flush" }));
    }
    const notice = question.closest("form")?.querySelector("[role=alert]");
    if (notice) notice.textContent = "";
    question.querySelector("input[name=code]")?.focus();
  };
  show(authenticators.length === 0);
  return question;
}

/** Nothing is quicker, or harder to steal; where the browser has none, the others come first. */
function passkeysFirst(authenticators) {
  const rank = ({ type }) => (type === "passkey" ? (hasPasskeys ? 0 : 2) : 1);
  return [...authenticators].sort((one, other) => rank(one) - rank(other));
}

function recoveryParts(recovery) {
  return [
    make("input", { type: "hidden", name: "authenticator", value: recovery }),
    recoveryCodeField(),
  ];
}

/**
 * The code is asked for only where the chosen one has codes. What sends one is pressed where there
 * is a choice; where there is none, the code is on its way at once.
 */
function authenticatorParts(authenticators, begin) {
  const choice = authenticatorChoice(authenticators);
  const place = make("div");
  // Whoever comes back to one finds it as he left it: what was sent, and when more can be.
  const shown = new Map();
  const show = (chosen) => {
    if (!shown.has(chosen)) shown.set(chosen, codeParts(authenticators, chosen, begin));
    place.replaceChildren(...shown.get(chosen));
  };
  choice.addEventListener("change", (event) => show(event.target.value));
  show(authenticators[0].id);
  return [choice, place];
}

function codeParts(authenticators, chosen, begin) {
  const type = typeOf(authenticators, chosen);
  if (type === "passkey") return [make("p", { class: "hint" }, text("verify.passkey"))];
  if (!isSent(type)) return [codeField()];
  const codes = sentCode(async () => (await begin(chosen)).message);
  // Once it stands in its form.
  if (authenticators.length === 1) queueMicrotask(codes.send);
  return codes.parts;
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
