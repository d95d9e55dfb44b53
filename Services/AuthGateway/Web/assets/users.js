// The users: find, create, disable and enable, reset.

import { call } from "./calls.js";
import { ask, tellOnce } from "./dialogs.js";
import { button, field, make, reasonField, tick } from "./elements.js";
import { attempt, onSubmit } from "./forms.js";
import { openPage, say } from "./frame.js";
import { withFreshProof } from "./proof.js";
import { momentText, text } from "./sentences.js";

const pageSize = 50;

const list = document.getElementById("users");
const search = document.getElementById("search");
const more = document.getElementById("more");

let next = "";
let searched = "";

/** The first page of who was searched for, or the page after what is shown. */
async function load(after = "") {
  const page = await call("AdminService/ListUsers", { after, limit: pageSize, search: searched });
  const rows = (page.users ?? []).map(row);
  if (after) list.append(...rows);
  else list.replaceChildren(...rows);
  next = page.next ?? "";
  more.hidden = !next;
  document.getElementById("none").hidden = list.children.length > 0;
  if (after) rows[0]?.querySelector("h2").focus();
}

function row(user) {
  const facts = [
    user.displayName === user.userName ? "" : user.displayName,
    user.email,
    user.phone,
    (user.roles ?? []).includes("administrator") ? text("users.administrator") : "",
    user.lastSignInAt
      ? text("users.last_sign_in", momentText(user.lastSignInAt))
      : text("users.never_signed_in"),
  ];
  const item = make(
    "li",
    {},
    make(
      "div",
      {},
      make(
        "h2",
        { tabindex: "-1" },
        user.userName,
        user.disabled && make("span", { class: "badge" }, text("users.disabled")),
      ),
      make("p", {}, facts.filter(Boolean).join(" · ")),
    ),
    make(
      "div",
      { class: "actions" },
      ...actions(user).map(({ label, name, run }) =>
        button(label, () => attempt(() => run(item)), { "aria-label": name }),
      ),
    ),
  );
  return item;
}

/** What can be done to a user. `name` is the label with the user in it, for screen readers. */
function actions(user) {
  const name = user.userName;
  const toggle = user.disabled ? "enable" : "disable";
  return [
    {
      label: text(`users.${toggle}`),
      name: text(`users.${toggle}_named`, name),
      run: (item) => setDisabled(!user.disabled, user, item),
    },
    {
      label: text("users.reset_authenticators"),
      name: text("users.reset_authenticators_named", name),
      run: () => resetAuthenticators(user),
    },
    {
      label: text("users.reset_password"),
      name: text("users.reset_password_named", name),
      run: () => resetPassword(user),
    },
  ];
}

/** Asks why and then calls; all of these want a reason and a fresh proof. */
function askWhy(key, user, method) {
  return ask({
    title: text(`users.${key}_title`, user.userName),
    explanation: text(`users.${key}_why`),
    submit: text(`users.${key}`),
    parts: [reasonField()],
    work: ({ reason }) =>
      withFreshProof(() => call(`AdminService/${method}`, { user: user.id, reason })),
  });
}

async function setDisabled(disabled, user, item) {
  const changed = disabled
    ? await askWhy("disable", user, "DisableUser")
    : await askWhy("enable", user, "EnableUser");
  if (!changed) return;
  const renewed = row(changed);
  item.replaceWith(renewed);
  renewed.querySelector("h2").focus();
  say(text(changed.disabled ? "users.is_disabled" : "users.is_enabled", user.userName));
}

async function resetAuthenticators(user) {
  const reset = await askWhy("reset_authenticators", user, "ResetAuthenticators");
  if (reset) say(text("users.authenticators_are_reset", user.userName, reset.removed ?? 0));
}

async function resetPassword(user) {
  const reset = await askWhy("reset_password", user, "ResetPassword");
  if (reset) await tellInitialPassword(user.userName, reset.initialPassword);
}

function tellInitialPassword(name, secret) {
  return tellOnce({
    title: text("users.initial_password_title", name),
    explanation: text("users.initial_password_why"),
    label: text("users.initial_password"),
    secret,
  });
}

async function create() {
  const plain = { autocomplete: "off", autocapitalize: "none", spellcheck: "false" };
  const created = await ask({
    title: text("users.create"),
    submit: text("users.create"),
    parts: [
      field(text("users.user_name"), {
        ...plain,
        name: "userName",
        hint: text("users.user_name_hint"),
        maxlength: 50,
        required: true,
      }),
      field(text("users.display_name"), {
        name: "displayName",
        autocomplete: "off",
        maxlength: 64,
      }),
      field(text("users.email"), { ...plain, name: "email", type: "email", maxlength: 320 }),
      field(text("users.phone"), {
        ...plain,
        name: "phone",
        type: "tel",
        hint: text("users.phone_hint"),
        maxlength: 32,
      }),
      tick(text("users.administrator"), { type: "checkbox", name: "role", value: "administrator" }),
    ],
    work: ({ userName, displayName, email, phone, role }) => {
      const message = { userName, displayName, email, phone, roles: role ? [role] : [] };
      return withFreshProof(() => call("AdminService/CreateUser", message));
    },
  });
  if (!created) return;
  await tellInitialPassword(created.user.userName, created.initialPassword);
  await load();
}

document.getElementById("create").addEventListener("click", () => attempt(create));
more.addEventListener("click", () => attempt(() => load(next)));
onSubmit(search, async (data) => {
  searched = data.search;
  await load();
  const found = list.children.length;
  say(found > 0 ? text("users.found", found, Boolean(next)) : "");
});
await openPage("administrator", () => load());
