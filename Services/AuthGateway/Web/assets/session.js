// Whose session the browser holds, and the way to one.

import { call } from "./calls.js";

/** `{ active, userName, roles, session }`; without a session `active` is missing. */
export function ownSession() {
  return call("SessionService/Introspect");
}

/** To the sign-in, and from there back to this page. */
export function goToSignIn() {
  location.assign(`/?next=${encodeURIComponent(location.pathname + location.search)}`);
}
