// What stands on every page, and what others count with.

/** “one try”, “3 tries”. */
export const count = (number, one, many) =>
  number === 1 ? `one ${one}` : `${number} ${many}`;

/** “One try”, where a sentence begins with it. */
export const begin = (number, one, many) =>
  number === 1 ? `One ${one}` : `${number} ${many}`;

export const sentences = {
  product: "Dubbelslot",
  page_title: (page) => `${page} – Dubbelslot`,

  between_sentences: " ",
  language: "Language",

  "nav.label": "Pages",
  "nav.account": "Your account",
  "nav.overview": "Overview",
  "nav.two_factor": "Two-factor settings",
  "nav.versions": "Versions",
  "nav.verifiers": "Verifiers",
  "nav.users": "Users",
  "nav.locked": "Locked accounts",
  "nav.audit": "Audit",
  "nav.skip": "Skip to the content",

  sign_out: "Sign out",
  signed_in_as: (name) => `Signed in as ${name}`,
  cancel: "Cancel",
  close: "Close",
  copy: "Copy",
  copied: "Copied.",
  not_copied: "The browser does not let this page copy. Select the text instead.",
  more: "Show more",
  "away.again": "Try again",
  loading: "One moment…",
  reason: "Reason",
  "reason.hint": "It is kept in the audit.",
  password: "Password",
  "password.reveal": "Show what I type",
  attempts_left: (left) => `You have ${count(left, "try", "tries")} left.`,
  retry_after: (seconds) =>
    seconds < 120
      ? `Try again in ${count(seconds, "second", "seconds")}.`
      : `Try again in ${Math.ceil(seconds / 60)} minutes.`,
};
