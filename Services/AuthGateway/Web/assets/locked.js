// Accounts that failures have locked, and letting them try again.

import { call } from "./calls.js";
import { ask } from "./dialogs.js";
import { button, make, reasonField, titleOf } from "./elements.js";
import { attempt } from "./forms.js";
import { openPage, say } from "./frame.js";
import { withFreshProof } from "./proof.js";
import { momentText, text } from "./sentences.js";

const pageSize = 50;

const list = document.getElementById("locked");
const more = document.getElementById("more");
let next;

/** The first page, or the one after what is shown. */
async function load(after) {
  const page = await call("AdminService/ListLockedAccounts", { after, limit: pageSize });
  const rows = (page.accounts ?? []).map(row);
  if (after) list.append(...rows);
  else list.replaceChildren(...rows);
  next = page.next;
  more.hidden = !next;
  document.getElementById("none").hidden = list.children.length > 0;
  if (after) rows[0]?.querySelector("h2").focus();
}

function row({ userName, lock }) {
  const facts = [
    titleOf({ title: lock.title, type: lock.kind }),
    text("locked.failed", lock.failed ?? 0),
    text("locked.since", momentText(lock.since)),
    lock.disabled
      ? text("locked.disabled")
      : lock.delayedUntil && text("locked.until", momentText(lock.delayedUntil)),
  ];
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("h2", { tabindex: "-1" }, userName),
      make("p", {}, facts.filter(Boolean).join(" · ")),
    ),
    make(
      "div",
      { class: "actions" },
      button(text("locked.unlock"), () => attempt(() => unlock(userName, lock.user)), {
        "aria-label": text("locked.unlock_named", userName),
      }),
    ),
  );
}

async function unlock(name, user) {
  const done = await ask({
    title: text("locked.unlock_title", name),
    explanation: text("locked.unlock_why"),
    submit: text("locked.unlock"),
    parts: [reasonField()],
    work: ({ reason }) =>
      withFreshProof(() => call("AdminService/UnlockUser", { user, reason })),
  });
  if (!done) return;
  await load();
  document.querySelector("h1").focus();
  const told = [text("locked.unlocked", name, done.unlocked ?? 0)];
  if (done.stillDisabled) told.push(text("locked.still_disabled", done.stillDisabled));
  say(told.join(" "));
}

more.addEventListener("click", () => attempt(() => load(next)));
await openPage("administrator", () => load());
