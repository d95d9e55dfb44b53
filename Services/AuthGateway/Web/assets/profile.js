// Who one is here: the names, the addresses, and the language of mails.

import { call } from "./calls.js";
import { ask } from "./dialogs.js";
import { field, make, showFacts } from "./elements.js";
import { say } from "./frame.js";
import { acting } from "./rows.js";
import { refresh, section } from "./sections.js";
import { languages, text } from "./sentences.js";

const element = (id) => document.getElementById(id);

const listeners = [];
let account;

/** `listener(account)` is told whose account it is, each time that it is shown. */
export function onProfile(listener) {
  listeners.push(listener);
}

async function load() {
  show(await call("AccountService/Get"));
}

function show(view) {
  account = view;
  showFacts(element("profile"), [
    [text("profile.user_name"), account.userName],
    [text("profile.display_name"), account.displayName],
    [text("profile.email"), account.email],
    [text("profile.phone"), account.phone],
    [text("profile.locale"), languages[mailLanguage()] ?? account.locale],
  ]);
  for (const listener of listeners) listener(account);
}

/** Of a language tag (BCP 47) the part that our mails go by. */
const mailLanguage = () => (account.locale ?? "").toLowerCase().split("-")[0];

async function edit() {
  const chosen = mailLanguage();
  const usual = Object.hasOwn(languages, chosen) ? [] : [["", text("profile.locale_usual")]];
  const changed = await ask({
    title: text("profile.edit_title"),
    submit: text("account.save"),
    parts: [
      field(text("profile.display_name"), {
        name: "displayName",
        value: account.displayName ?? "",
        hint: text("profile.display_name_hint"),
        autocomplete: "name",
        maxlength: 64,
      }),
      field(
        text("profile.locale"),
        { tag: "select", name: "locale", hint: text("profile.locale_hint") },
        ...[...usual, ...Object.entries(languages)].map(([tag, name]) =>
          make("option", { value: tag, lang: tag || undefined, selected: tag === chosen }, name),
        ),
      ),
    ],
    work: ({ displayName, locale }) =>
      call("AccountService/UpdateProfile", { displayName: displayName.trim(), locale }),
  });
  if (!changed) return;
  show(changed);
  await refresh("events");
  say(text("profile.is_changed"));
}

element("profile-actions").append(
  acting(text("profile.edit"), edit, { "aria-label": text("profile.edit_named") }),
);
section("profile", load);
