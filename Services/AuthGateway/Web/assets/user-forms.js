// What is asked of a user who is made or changed: the same fields on every page.

import { field, tick } from "./elements.js";
import { languages, text } from "./sentences.js";

const plain = { autocomplete: "off", autocapitalize: "none", spellcheck: "false" };

export function userNameField() {
  return field(text("person.user_name"), {
    ...plain,
    name: "userName",
    hint: text("person.user_name_hint"),
    maxlength: 50,
    required: true,
  });
}

/** How a user is called and reached; an e-mail address is a must where one is sent a link. */
export function personFields(user = {}, { emailRequired = false } = {}) {
  return [
    field(text("person.display_name"), {
      name: "displayName",
      value: user.displayName,
      autocomplete: "off",
      maxlength: 64,
    }),
    field(text("person.email"), {
      ...plain,
      name: "email",
      type: "email",
      value: user.email,
      maxlength: 320,
      required: emailRequired,
    }),
    field(text("person.phone"), {
      ...plain,
      name: "phone",
      type: "tel",
      value: user.phone,
      hint: text("person.phone_hint"),
      maxlength: 32,
    }),
    localeField(user.locale ?? ""),
  ];
}

/** The language of a user's messages; one that these pages do not speak is kept. */
function localeField(chosen) {
  const known = Object.entries(languages);
  if (chosen === "") known.unshift(["", text("person.locale_usual")]);
  else if (!Object.hasOwn(languages, chosen)) known.unshift([chosen, chosen]);
  const options = known.map(([value, name]) => {
    const option = new Option(name, value, value === chosen, value === chosen);
    if (Object.hasOwn(languages, value)) option.lang = value;
    return option;
  });
  return field(text("person.locale"), { tag: "select", name: "locale" }, ...options);
}

/** What a language is called; one without a name is told by its tag. */
export function languageName(tag = "") {
  return languages[tag] ?? languages[tag.split("-")[0]] ?? tag;
}

export function administratorTick() {
  return tick(text("person.administrator"), {
    type: "checkbox",
    name: "role",
    value: "administrator",
  });
}
