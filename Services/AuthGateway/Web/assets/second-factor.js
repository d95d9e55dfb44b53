// The second factor of a sign-in: bound where there is none, proved where there is one, and the
// recovery codes that come with the first.

import { showBinding } from "./binding.js";
import { button, make, tick } from "./elements.js";
import { giveProof, proofQuestion } from "./proving.js";
import { ofRecoveryCode, showRecoveryCodes } from "./recovery.js";
import { text } from "./sentences.js";
import { showStep, stepForm } from "./steps.js";
import { giveUp, proved, step } from "./under-way.js";

const cancelButton = () => button(text("sign_in.cancel"), giveUp, { class: "quiet" });

/** Binds one of the verifiers that are offered. */
export async function bind({ verifiers = [] }) {
  const place = make("div");
  showStep(
    text("bind.title"),
    make("p", {}, text("bind.why")),
    place,
    make("div", { class: "actions" }, cancelButton()),
  );
  await showBinding(place, {
    verifiers,
    begin: (verifier, receiver) => step("BeginBinding", { verifier, receiver }),
    confirm: async (message) => proved(await step("ConfirmBinding", message)),
  });
}

/** Asks to prove an authenticator, or for a recovery code where that is all there is. */
export function verify({ authenticators = [], recovery, mayTrust, trustSeconds = 0 }) {
  const begin = (authenticator) => step("BeginVerification", { authenticator });
  const trust = mayTrust && trustBox(trustSeconds);
  const question = proofQuestion(authenticators, recovery, begin, trust);
  const form = stepForm(
    [question],
    text("verify.submit"),
    async ({ authenticator, code, trustDevice }) => {
      const proof = await giveProof(authenticators, { authenticator, code }, begin);
      const message = { authenticator, ...proof, trustDevice: trustDevice === "on" };
      try {
        await proved(await step("CompleteVerification", message));
      } catch (error) {
        throw authenticator === recovery ? ofRecoveryCode(error) : error;
      }
    },
    cancelButton(),
  );
  showStep(text("verify.title"), form);
}

function trustBox(seconds) {
  return make(
    "div",
    {},
    tick(text("verify.trust", Math.floor(seconds / 86_400)), {
      type: "checkbox",
      name: "trustDevice",
      "aria-describedby": "trust-hint",
    }),
    make("p", { class: "hint", id: "trust-hint" }, text("verify.trust_hint")),
  );
}

/** Returns when they are kept. */
export function keepRecoveryCodes(codes, owner) {
  const place = make("div");
  showStep(text("recovery.title"), place);
  return showRecoveryCodes(place, codes, { owner, isTitled: true });
}
