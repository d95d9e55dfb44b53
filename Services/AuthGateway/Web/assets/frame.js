// What every page stands in: who is signed in, the way to the other pages, the way out.

import { call, passing, Refusal } from "./calls.js";
import { button, make } from "./elements.js";
import { attempt } from "./forms.js";
import { main, pages, say, show } from "./page.js";
import { fill, keepLanguage, loadSentences, refusalText, text } from "./sentences.js";
import { goToSignIn, ownSession } from "./session.js";

await loadSentences("refusals-inside");

export { goOn, say, setTitle, show } from "./page.js";

/**
 * Opens a page for who is signed in; others are led to the sign-in. `load(session)` fetches what
 * the page shows; nothing can be read or pressed before that is there, and nothing but the
 * trouble is shown when it cannot be had.
 */
export async function openPage(who, load) {
  fill(document);
  const trouble = document.getElementById("trouble");
  // All that is new is shown at once, so that nothing makes room for what comes later.
  let showPerson = () => {};
  let isLoaded = false;
  const open = async () => {
    const session = await ownSession();
    if (!session.active) throw new Refusal("not_signed_in");
    const isAdministrator = (session.roles ?? []).includes("administrator");
    showPerson = () => showHeader(session.userName, isAdministrator);
    if (who === "administrator" && !isAdministrator) throw new Refusal("administrator_required");
    await load(session);
  };
  try {
    isLoaded = await attempt(open, trouble);
  } finally {
    // A mistake of ours is thrown on; nobody is left before an empty page by it.
    if (!isLoaded) showTrouble(trouble);
    showPerson();
    show();
  }
}

/** Nothing else of the page, and a way to try again where that may help. */
function showTrouble(trouble) {
  for (const part of main.querySelectorAll(":scope > :not(h1, #trouble)")) part.hidden = true;
  if (passing.includes(trouble.dataset.word)) {
    trouble.after(button(text("away.again"), () => location.reload(), { class: "primary" }));
  }
}

function showHeader(userName, isAdministrator) {
  const header = document.getElementById("top");
  const product = header.querySelector(".product");
  const person = make(
    "div",
    { class: "person" },
    // Eyes take a name at the head of a page for that of who is signed in; others are told.
    make("span", { class: "unseen" }, text("signed_in_as", userName)),
    make("span", { class: "name", title: userName, "aria-hidden": "true" }, userName),
    button(text("sign_out"), signOut, { class: "quiet" }),
  );
  header.replaceChildren(product, person);
  if (isAdministrator) header.append(...navigation());
}

/** The way to the other pages. On a narrow screen it stands behind a button. */
function navigation() {
  const links = pages
    .filter(({ title }) => title)
    .map(({ path, title }) => {
      const here = path === location.pathname && "page";
      return make("li", {}, make("a", { href: path, "aria-current": here }, text(title)));
    });
  const label = text("nav.label");
  const list = make("nav", { id: "pages", "aria-label": label }, make("ul", {}, ...links));
  const menu = button(
    label,
    () => {
      const isOpen = list.classList.toggle("open");
      menu.setAttribute("aria-expanded", isOpen);
    },
    { class: "menu", "aria-expanded": "false", "aria-controls": "pages" },
  );
  document.body.classList.add("administration");
  return [menu, list];
}

async function signOut() {
  try {
    await call("AccountService/SignOut");
  } catch (refusal) {
    // A session that has ended already is no reason to stay; one that may go on is.
    if (refusal.word !== "not_signed_in") return say(refusalText(refusal));
  }
  keepLanguage();
  location.assign("/?signed-out");
}
