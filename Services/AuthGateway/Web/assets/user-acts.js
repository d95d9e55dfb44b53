// What administrators do to one user: each act says before what it does, wants a reason for the
// audit and a fresh proof.

import { call } from "./calls.js";
import { ask, tellOnce } from "./dialogs.js";
import { reasonField } from "./elements.js";
import { withFreshProof } from "./proof.js";
import { text } from "./sentences.js";

/**
 * Asks why, and calls with the reason and `message`. `key` names the sentences `KEY_title`,
 * `KEY_why` and `KEY`. Returns the answer, or undefined when it was given up.
 */
export function askWhy(key, name, method, message, { parts = [], isGrave } = {}) {
  return ask({
    title: text(`${key}_title`, name),
    explanation: text(`${key}_why`),
    submit: text(key),
    parts: [...parts, reasonField()],
    isGrave,
    work: ({ reason }) =>
      withFreshProof(() => call(`AdminService/${method}`, { ...message, reason })),
  });
}

export function tellInitialPassword(name, secret) {
  return tellOnce({
    title: text("person.initial_password_title", name),
    explanation: text("person.initial_password_why"),
    label: text("person.initial_password"),
    secret,
  });
}

/** A user's own page. */
export function pageOf(user) {
  return `/admin/user?id=${encodeURIComponent(user)}`;
}
