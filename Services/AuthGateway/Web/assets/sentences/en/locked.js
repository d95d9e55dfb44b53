// Locked accounts, and resets that wait for another administrator.

import { begin, count } from "./every-page.js";

export const sentences = {
  "locked.title": "Locked accounts and resets",
  "locked.accounts": "Locked accounts",
  "locked.why":
    "After too many failures in a row an authenticator allows no tries for a while, except "
    + "from browsers that the user has signed in with before.",
  "locked.none": "Nobody is locked.",
  "locked.failed": (number) => count(number, "failure", "failures"),
  "locked.since": (moment) => `the last on ${moment}`,
  "locked.until": (moment) => `tries are allowed again on ${moment}`,
  "locked.disabled": "disabled: time alone does not unlock it",
  "locked.user_disabled": "disabled user",
  "locked.unlock": "Unlock",
  "locked.unlock_named": (name) => `Unlock ${name}`,
  "locked.unlock_title": (name) => `Unlock ${name}?`,
  "locked.unlock_why":
    "Failures are forgotten and tries are allowed again. Make sure that it was really the user who "
    + "failed.",
  "locked.unlocked": (name, number) =>
    `${begin(number, "authenticator", "authenticators")} of ${name} unlocked.`,
  "locked.still_disabled": (number) =>
    `${begin(number, "second factor", "second factors")} still disabled: reset them on the user's `
    + "page.",

  "requests.title": "Resets that wait",
  "requests.why":
    "Removing an administrator's second factors takes two others: one asks, and one who is neither "
    + "of the two approves.",
  "requests.none": "Nothing waits.",
  "requests.asked": (name, moment) => `asked for by ${name} on ${moment}`,
  "requests.until": (moment) => `waits until ${moment}`,
  "requests.reason": (reason) => `Reason: ${reason}`,
  "requests.another": "Another administrator has to approve this.",
  "requests.approve": "Approve",
  "requests.approve_named": (name) => `Approve the reset of ${name}`,
  "requests.approve_title": (name) => `Reset the second factors of ${name}?`,
  "requests.approve_why":
    "All second factors and recovery codes are removed and all sessions end. The next sign-in asks "
    + "to bind anew. Make sure that the person concerned wants it.",
  "requests.approve_done": (name) => `The second factors of ${name} are removed.`,
  "requests.refuse": "Refuse",
  "requests.refuse_named": (name) => `Refuse the reset of ${name}`,
  "requests.refuse_title": (name) => `Refuse the reset of ${name}?`,
  "requests.refuse_why": "Nothing is changed, and nobody can approve it any more.",
  "requests.refuse_done": (name) => `The reset of ${name} is refused.`,
};
