// "That was not me": for whoever sees something here, or in a mail, that he did not do.

import { call } from "./calls.js";
import { ask } from "./dialogs.js";
import { make } from "./elements.js";
import { leave } from "./farewell.js";
import { acting } from "./rows.js";
import { text } from "./sentences.js";

/** What will happen, in its order. */
const consequences = ["not_me.sessions", "not_me.devices", "not_me.password", "not_me.told"];

/** It wants no proof: whoever reaches for it is in a hurry, and it opens nothing. */
async function report() {
  const reported = await ask({
    title: text("not_me.ask_title"),
    parts: [make("ul", {}, ...consequences.map((key) => make("li", {}, text(key))))],
    submit: text("not_me.submit"),
    work: () => call("AccountService/ReportNotMe"),
  });
  if (!reported) return;
  leave(text("not_me.done_title"), [
    text("not_me.done"),
    text(reported.told ? "not_me.mail" : "not_me.no_mail"),
    text("not_me.advice"),
  ]);
}

document
  .getElementById("not-me-actions")
  .append(acting(text("not_me.report"), report, { class: "grave" }));
