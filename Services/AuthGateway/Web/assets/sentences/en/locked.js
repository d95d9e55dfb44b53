// Locked accounts.

import { count } from "./every-page.js";

export const sentences = {
  "locked.title": "Locked accounts",
  "locked.why":
    "After too many failures in a row an authenticator admits no tries for a while, but from " +
    "browsers that the user has signed in with before.",
  "locked.none": "Nobody is locked.",
  "locked.failed": (number) => count(number, "failure", "failures"),
  "locked.since": (moment) => `the last on ${moment}`,
  "locked.until": (moment) => `tries are admitted again on ${moment}`,
  "locked.disabled": "disabled",
  "locked.unlock": "Unlock",
  "locked.unlock_named": (name) => `Unlock ${name}`,
  "locked.unlock_title": (name) => `Unlock ${name}?`,
  "locked.unlock_why": "Make sure that it was the user himself who failed.",
  "locked.unlocked": (name, number) =>
    `${count(number, "authenticator", "authenticators")} of ${name} unlocked.`,
  "locked.still_disabled": (number) =>
    `${count(number, "authenticator", "authenticators")} of a second factor still disabled:`
    + " reset them on the page of the users.",
};
