// Rules in words: for whom one is, and what it asks.

import { durationText } from "./durations.js";
import { language, momentText, numberText, text } from "./sentences.js";
import { nameOf } from "./user-names.js";

/** The words of the protocol that there are sentences for. */
const families = {
  enforced: ["administrators", "everyone"],
  level: ["off", "optional", "required"],
  strength: ["any", "phishing_resistant"],
  role: ["administrator"],
  method: ["password", "passkey", "single_sign_on"],
  part: [
    "enforcement", "verifiers", "strength", "grace", "trusted_devices", "session_lifetime",
    "session_idle", "step_up", "password_length", "denied", "protection", "networks", "limits",
  ],
};

/** What a word of the protocol is called; one that is not known here yet, as it is. */
export function word(family, value) {
  return families[family].includes(value) ? text(`${family}.${value}`) : value;
}

const every = new Intl.ListFormat(language, { type: "conjunction" });
const any = new Intl.ListFormat(language, { type: "disjunction" });

export const listText = (words) => every.format(words);
export const choiceText = (words) => any.format(words);

/** For whom a rule is, as the beginning of a sentence that goes on with what it asks. */
export function whom({ roles = [], users = [], networks = [], exceptNetworks = [], methods = [] }) {
  return text(
    "rule.whom",
    choiceText(roles.map((it) => word("role", it))),
    choiceText(users.map(nameOf)),
    choiceText(networks),
    choiceText(exceptNetworks),
    choiceText(methods.map((it) => word("method", it))),
  );
}

/** What is asked, a sentence for each part that is said. `titleOf(uid)` is a verifier's. */
export function requirementWords(asked, titleOf) {
  const { verifiers = [], strength, trustedDevices } = asked;
  const lengths = ["session", "idle", "step_up"];
  const seconds = [asked.sessionSeconds, asked.idleSeconds, asked.stepUpSeconds];
  const told = [
    asked.denied && text("asked.denied"),
    asked.enforcement && text(`asked.${asked.enforcement}`),
    verifiers.length > 0 && text("asked.verifiers", choiceText(verifiers.map(titleOf))),
    strength === "phishing_resistant" && text("asked.phishing_resistant"),
    asked.graceUntil && text("asked.grace", momentText(asked.graceUntil)),
    trustedDevices === true && text("asked.trust"),
    trustedDevices === false && text("asked.no_trust"),
    ...lengths.map((it, at) => seconds[at] && text(`asked.${it}`, durationText(seconds[at]))),
    asked.passwordLengthMin && text("asked.password", numberText(asked.passwordLengthMin)),
  ];
  return told.filter(Boolean);
}

/** All that a rule says, in one sentence. */
export function ruleText(rule, titleOf) {
  const asked = requirementWords(rule.requirements, titleOf);
  const told = asked.length > 0 ? asked.join(text("rule.between")) : text("asked.nothing");
  return text("rule.sentence", whom(rule), told);
}
