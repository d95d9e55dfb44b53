// Accounts that failures have locked, and letting them try again; and the removal of an
// administrator's second factors, which waits for another one.

import { call } from "./calls.js";
import { button, make, titleOf } from "./elements.js";
import { attempt } from "./forms.js";
import { openPage, say } from "./frame.js";
import { act } from "./rows.js";
import { momentText, text } from "./sentences.js";
import { askWhy, pageOf } from "./user-acts.js";

const pageSize = 50;

const element = (id) => document.getElementById(id);
const list = element("locked");
const more = element("more");
let next;
let ownID;

/** The first page, or the one after what is shown. */
async function loadLocked(after) {
  let page;
  let from = after;
  const accounts = [];
  // Locks of users who are no more are left out, so there may be none on a page.
  do {
    page = await call("AdminService/ListLockedAccounts", { after: from, limit: pageSize });
    accounts.push(...(page.accounts ?? []));
    from = page.next;
  } while (accounts.length === 0 && from);
  next = from;
  const rows = accounts.map(lockedRow);
  if (after) list.append(...rows);
  else list.replaceChildren(...rows);
  more.hidden = !next;
  element("none").hidden = list.children.length > 0;
  if (after) (rows[0]?.querySelector("a") ?? element("locked-title")).focus();
}

function row(user, name, badge, facts, actions) {
  const link = make("a", { href: pageOf(user) }, name);
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("h3", {}, link, badge),
      ...facts.filter(Boolean).map((fact) => make("p", {}, fact)),
    ),
    make("div", { class: "actions" }, ...actions),
  );
}

function lockedRow({ userName, disabled, lock }) {
  const facts = [
    titleOf({ title: lock.title, type: lock.kind }),
    text("locked.failed", lock.failed ?? 0),
    text("locked.since", momentText(lock.since)),
  ];
  const until = lock.disabled
    ? text("locked.disabled")
    : lock.delayedUntil && text("locked.until", momentText(lock.delayedUntil));
  const badge = make("span", { class: "badge bad" }, text("locked.user_disabled"));
  return row(lock.user, userName, disabled ? badge : "", [facts.join(" · "), until], [
    button(text("locked.unlock"), () => attempt(() => unlock(userName, lock.user)), {
      "aria-label": text("locked.unlock_named", userName),
    }),
  ]);
}

async function unlock(name, user) {
  const done = await askWhy("locked.unlock", name, "UnlockUser", { user });
  if (!done) return;
  await loadLocked();
  element("locked-title").focus();
  const told = [text("locked.unlocked", name, done.unlocked ?? 0)];
  if (done.stillDisabled) told.push(text("locked.still_disabled", done.stillDisabled));
  say(told.join(text("between_sentences")));
}

async function loadRequests() {
  const { requests = [] } = await call("AdminService/ListResetRequests");
  element("requests").replaceChildren(...requests.map(requestRow));
  element("no-requests").hidden = requests.length > 0;
}

function requestRow(request) {
  const { id, user, userName, askedBy, askedByName, reason, askedAt, expiresAt } = request;
  // Whoever it concerns, and whoever has asked, can only say no.
  const isConcerned = [user, askedBy].includes(ownID);
  const facts = [
    text("requests.asked", askedByName, momentText(askedAt)),
    text("requests.until", momentText(expiresAt)),
    reason && text("requests.reason", reason),
    isConcerned && text("requests.another"),
  ];
  const settling = (key, method, tone) =>
    button(
      text(`requests.${key}`),
      () => attempt(() => settle(key, method, id, userName)),
      { "aria-label": text(`requests.${key}_named`, userName), class: tone },
    );
  return row(user, userName, "", facts, [
    ...(isConcerned ? [] : [settling("approve", "ApproveReset", "grave")]),
    settling("refuse", "RefuseReset", false),
  ]);
}

async function settle(key, method, request, name) {
  let done;
  try {
    done = await askWhy(`requests.${key}`, name, method, { request });
  } finally {
    // It may have been settled by somebody else, or have expired.
    await loadRequests();
  }
  if (!done) return;
  element("requests-title").focus();
  say(text(`requests.${key}_done`, name));
}

more.addEventListener("click", () => act(more, () => loadLocked(next)));
await openPage("administrator", async ({ session }) => {
  ownID = session.userId;
  await Promise.all([loadLocked(), loadRequests()]);
});
// The heading that the address names was hidden until now.
if (location.hash) element(location.hash.slice(1))?.scrollIntoView();
