// The personal centre: each section is a module of its own.

import "./profile.js";
import "./authenticators.js";
import "./password.js";
import "./sessions.js";
import "./trusted-devices.js";
import "./events.js";
import "./not-me.js";
import "./erasure.js";
import { openPage } from "./frame.js";
import { refresh } from "./sections.js";

await openPage("user", () => refresh());
// Whoever came by the address of a section is there now that it is.
const asked = location.hash && document.getElementById(location.hash.slice(1));
if (asked) {
  asked.scrollIntoView();
  asked.focus();
}
