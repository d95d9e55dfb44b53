// Some users, chosen by searching for their names.

import { call } from "./calls.js";
import { button, freshID, make } from "./elements.js";
import { attempt } from "./forms.js";
import { text } from "./sentences.js";
import { keepName, nameOf } from "./user-names.js";

/** As many as are offered of whom a search finds. */
const offeredMax = 8;

/**
 * A choice of at most `most` users, which begins with `chosen` (identifiers). The identifiers are
 * those of `part.querySelectorAll("[name=user]")`.
 */
export function userChoice(label, { chosen, most }) {
  const id = freshID();
  const hintID = freshID();
  const notice = make("p", { role: "alert", class: "refusal" });
  const told = make("p", { role: "status", class: "hint" });
  const list = make("ul", { class: "chips" });
  const offers = make("div", { class: "actions" });
  const search = make("input", {
    id,
    type: "search",
    maxlength: 320,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-describedby": hintID,
  });

  const remove = (item) => {
    item.remove();
    search.focus();
  };
  const add = (user) => {
    const isThere = [...list.querySelectorAll("input")].some((it) => it.value === user);
    if (!isThere && list.children.length < most) list.append(chip(user, remove));
  };
  const offer = (user) => {
    keepName(user);
    return button(text("choice.add", user.userName), () => {
      add(user.id);
      offers.replaceChildren();
      told.textContent = "";
      search.value = "";
      search.focus();
    });
  };
  const find = () =>
    attempt(async () => {
      if (search.value.trim() === "") return;
      const message = { search: search.value.trim(), limit: offeredMax };
      const { users = [] } = await call("AdminService/ListUsers", message);
      offers.replaceChildren(...users.map(offer));
      told.textContent = text("choice.found", users.length);
    }, notice);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    // Searches, and does not send the form that it stands in.
    event.preventDefault();
    find();
  });
  chosen.forEach(add);
  return make(
    "div",
    { class: "field" },
    make("label", { for: id }, label),
    list,
    make("div", { class: "together" }, search, button(text("choice.find"), find)),
    make("p", { class: "hint", id: hintID }, text("choice.hint", most)),
    told,
    offers,
    notice,
  );
}

function chip(user, remove) {
  const name = nameOf(user);
  const item = make(
    "li",
    {},
    make("span", {}, name),
    make("input", { type: "hidden", name: "user", value: user }),
    button("×", () => remove(item), { class: "quiet", "aria-label": text("choice.remove", name) }),
  );
  return item;
}
