// The end of an account by its owner.

import { call } from "./calls.js";
import { ask } from "./dialogs.js";
import { field, make } from "./elements.js";
import { leave } from "./farewell.js";
import { onProfile } from "./profile.js";
import { withFreshProof } from "./proof.js";
import { acting } from "./rows.js";
import { text } from "./sentences.js";

/** What goes, and what stays. */
const consequences = ["erasure.profile", "erasure.factors", "erasure.sessions", "erasure.audit"];

let userName = "";

/** Administrators leave by another one, who sees that somebody is left. */
onProfile((account) => {
  userName = account.userName;
  const isAdministrator = (account.roles ?? []).includes("administrator");
  document.getElementById("erasure-by-another").hidden = !isAdministrator;
  document.getElementById("erasure-actions").hidden = isAdministrator;
});

async function erase() {
  const erased = await ask({
    title: text("erasure.ask_title"),
    explanation: text("erasure.ask_why"),
    parts: [
      make("ul", {}, ...consequences.map((key) => make("li", {}, text(key)))),
      nameField(userName),
    ],
    submit: text("erasure.submit"),
    isGrave: true,
    work: () => withFreshProof(() => call("AccountService/Erase")),
  });
  if (erased) leave(text("erasure.done_title"), [text("erasure.done")]);
}

/** Nobody types his own name by a slip. */
function nameField(name) {
  const typed = field(text("erasure.name", name), {
    name: "userName",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    required: true,
  });
  typed.addEventListener("input", ({ target }) => {
    const isOwn = target.value.trim().normalize("NFC") === name.trim();
    target.setCustomValidity(isOwn ? "" : text("erasure.name_differs"));
  });
  return typed;
}

document
  .getElementById("erasure-actions")
  .append(acting(text("erasure.open"), erase, { class: "grave" }));
