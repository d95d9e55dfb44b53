// The users: find them, make them, invite them. What is done to one stands on his own page.

import { call } from "./calls.js";
import { ask } from "./dialogs.js";
import { button, make } from "./elements.js";
import { attempt, onSubmit } from "./forms.js";
import { openPage, say } from "./frame.js";
import { withFreshProof } from "./proof.js";
import { act } from "./rows.js";
import { momentText, text } from "./sentences.js";
import { askWhy, pageOf, tellInitialPassword } from "./user-acts.js";
import { administratorTick, personFields, userNameField } from "./user-forms.js";

const pageSize = 50;

const list = document.getElementById("users");
const search = document.getElementById("search");
const more = document.getElementById("more");

let next = "";
/** Who is looked for: what stands in the address too, so that the way back leads to the same. */
let wanted = { search: "", only: "" };

/** The first page of who is looked for, or the page after what is shown. */
async function load(after = "") {
  const sought = wanted;
  let page;
  let from = after;
  const users = [];
  // Pages are of those who were looked at, so there may be nobody on one.
  do {
    page = await call("AdminService/ListUsers", { ...sought, after: from, limit: pageSize });
    users.push(...(page.users ?? []));
    from = page.next ?? "";
  } while (users.length === 0 && from);
  // Somebody else was looked for meanwhile.
  if (sought !== wanted) return;
  next = from;
  const rows = users.map(row);
  if (after) list.append(...rows);
  else list.replaceChildren(...rows);
  more.hidden = !next;
  document.getElementById("none").hidden = list.children.length > 0;
  if (after) (rows[0]?.querySelector("a") ?? document.querySelector("h1")).focus();
}

function row(user) {
  const facts = [
    user.displayName === user.userName ? "" : user.displayName,
    user.email,
    user.phone,
    user.lastSignInAt
      ? text("users.last_sign_in", momentText(user.lastSignInAt))
      : text("users.never_signed_in"),
  ];
  const link = make("a", { href: pageOf(user.id) }, user.userName);
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("h2", {}, link, ...badges(user)),
      make("p", {}, facts.filter(Boolean).join(" · ")),
    ),
    isInvitable(user) && make("div", { class: "actions" }, inviteAgain(user)),
  );
}

/** Nothing is said of what could not be told just now. */
function badges(user) {
  const badge = (tone, key) => make("span", { class: `badge ${tone}` }, text(`users.${key}`));
  return [
    (user.roles ?? []).includes("administrator") && badge("", "administrator"),
    user.boundFactors > 0 && badge("good", "is_bound"),
    user.boundFactors === 0 && badge("", "is_not_bound"),
    user.locked && badge("warn", "is_locked"),
    user.disabled && badge("bad", "is_disabled"),
  ].filter(Boolean);
}

/** Whoever has never signed in may have lost the link, or let it pass. */
function isInvitable(user) {
  return user.email && !user.lastSignInAt && !user.disabled;
}

function inviteAgain(user) {
  return button(text("users.invite_again"), () => attempt(() => renewInvitation(user)), {
    "aria-label": text("users.invite_again_named", user.userName),
  });
}

async function renewInvitation(user) {
  const sent = await askWhy("users.invite_again", user.userName, "RenewInvitation", {
    user: user.id,
  });
  if (sent) sayInvited(sent);
}

function sayInvited({ user, expiresAt }) {
  say(text("users.invited", user.userName, user.email, momentText(expiresAt)));
}

/** `method` makes the user of what is typed into the dialog. */
function askForUser(key, method, options) {
  return ask({
    title: text(`users.${key}`),
    explanation: text(`users.${key}_why`),
    submit: text(`users.${key}_submit`),
    parts: [userNameField(), ...personFields({}, options), administratorTick()],
    work: ({ role, ...person }) => {
      const message = { ...person, roles: role ? [role] : [] };
      return withFreshProof(() => call(`AdminService/${method}`, message));
    },
  });
}

async function create() {
  const created = await askForUser("create", "CreateUser");
  if (!created) return;
  await tellInitialPassword(created.user.userName, created.initialPassword);
  await load();
  say(text("users.created", created.user.userName));
}

async function invite() {
  const invited = await askForUser("invite", "InviteUser", { emailRequired: true });
  if (!invited) return;
  await load();
  sayInvited(invited);
}

/** The filters, from the address and back into it. */
function readAddress() {
  const asked = new URLSearchParams(location.search);
  wanted = { search: asked.get("search") ?? "", only: asked.get("only") ?? "" };
  search.elements.search.value = wanted.search;
  search.elements.only.value = wanted.only;
  // A word that the filter does not have.
  if (search.elements.only.selectedIndex < 0) search.elements.only.value = wanted.only = "";
}

function writeAddress() {
  const asked = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
  history.replaceState(null, "", asked.size > 0 ? `?${asked}` : location.pathname);
}

async function find() {
  const { search: typed, only: chosen } = search.elements;
  // What was changed while it was looked for is looked for too.
  do {
    wanted = { search: typed.value, only: chosen.value };
    writeAddress();
    await load();
  } while (chosen.value !== wanted.only);
  const found = list.children.length;
  say(found > 0 ? text("users.found", found, Boolean(next)) : "");
}

document.getElementById("create").addEventListener("click", () => attempt(create));
document.getElementById("invite").addEventListener("click", () => attempt(invite));
more.addEventListener("click", () => act(more, () => load(next)));
onSubmit(search, find);
search.elements.only.addEventListener("change", () => search.requestSubmit());
readAddress();
await openPage("administrator", () => load());
