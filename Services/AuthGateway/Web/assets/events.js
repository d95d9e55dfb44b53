// What has happened to one's account lately.

import { call } from "./calls.js";
import { whereText } from "./devices.js";
import { make } from "./elements.js";
import { acting, joined } from "./rows.js";
import { section } from "./sections.js";
import { momentText, text, wordText } from "./sentences.js";

const pageSize = 10;

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

/** The rows behind a place in the list. A page may be empty and have a next one. */
async function page(after) {
  const rows = [];
  next = after;
  do {
    const told = await call("AccountService/ListEvents", { after: next, limit: pageSize });
    rows.push(...(told.events ?? []).map(eventRow));
    next = told.next ?? "";
  } while (rows.length === 0 && next);
  more.hidden = !next;
  return rows;
}

function eventRow({ at, event, source, device, details = [], byOther }) {
  const facts = [
    ...whatText(details),
    ...whereText(device, source),
    byOther && text("events.by_other"),
  ];
  return make(
    "li",
    {},
    make(
      "p",
      { tabindex: "-1" },
      wordText(`event.${event}`, text("event.other")),
      ...(striking.has(event) && !byOther ? [" ", badge()] : []),
    ),
    make(
      "p",
      { class: "hint" },
      make("time", { datetime: at }, momentText(at)),
      ...facts.filter(Boolean).map((it) => ` · ${it}`),
    ),
  );
}

const badge = () => make("span", { class: "badge warn" }, text("events.striking"));

/** Which kind or which host it was about, and what has brought it about. */
function whatText(details) {
  const { kind, host, because } = Object.fromEntries(
    details.map(({ key, value }) => [key, value]),
  );
  const event = because && because !== "session_ended" && wordText(`event.${because}`);
  return [kind && wordText(`type.${kind}`), host, event && text("events.because", event)];
}

async function showMore() {
  const rows = await page(next);
  list.append(...rows);
  rows[0]?.querySelector("p").focus();
}

const more = acting(text("more"), showMore, { hidden: true });
document.getElementById("events-actions").append(more);
section("events", load);
