// What has happened to one's account lately.

import { call } from "./calls.js";
import { whereText } from "./devices.js";
import { make } from "./elements.js";
import { acting, joined } from "./rows.js";
import { section } from "./sections.js";
import { momentText, text, wordText } from "./sentences.js";

const pageSize = 20;

/** What nobody should pass over, in case it was not him. */
const striking = new Set([
  "password_refused",
  "factor_refused",
  "code_reused",
  "binding_refused",
  "authenticator_disabled",
  "passkey_counter_regressed",
  "trusted_device_reused",
  "recovery_code_used",
]);

const list = document.getElementById("events");
let next = "";

async function load() {
  list.replaceChildren(...(await page("")));
  document.getElementById("no-events").hidden = list.children.length > 0;
}

/** The rows behind a place in the list. */
async function page(after) {
  const told = await call("AccountService/ListEvents", { after, limit: pageSize });
  next = told.next ?? "";
  more.hidden = !next;
  return (told.events ?? []).map(eventRow);
}

function eventRow({ at, event, source, device }) {
  return make(
    "li",
    {},
    make(
      "p",
      { tabindex: "-1" },
      wordText(`event.${event}`, text("event.other")),
      striking.has(event) && " ",
      striking.has(event) && make("span", { class: "badge warn" }, text("events.striking")),
    ),
    make(
      "p",
      { class: "hint" },
      make("time", { datetime: at }, momentText(at)),
      ...whereText(device, source).map((it) => ` · ${it}`),
    ),
  );
}

async function showMore() {
  const rows = await page(next);
  list.append(...rows);
  rows[0]?.querySelector("p").focus();
}

const more = acting(text("more"), showMore, { hidden: true });
document.getElementById("events-actions").append(more);
section("events", load);
