// What every page stands in: who is signed in, the way to the other pages, the way out.

import { call } from "./calls.js";
import { button, make } from "./elements.js";
import { fill, refusalText, text } from "./sentences.js";

/** Our pages, for those who may see them. A sign-in leads to one of these and nowhere else. */
const pages = [
  { path: "/account", title: "nav.account" },
  { path: "/admin/two-factor", title: "nav.two_factor", administrator: true },
  { path: "/admin/verifiers", title: "nav.verifiers", administrator: true },
  { path: "/admin/users", title: "nav.users", administrator: true },
];

const main = document.getElementById("main");

/** Whose session the browser holds: `{ active, userName, roles, session }`. */
export function ownSession() {
  return call("SessionService/Introspect");
}

export function goToSignIn() {
  location.assign(`/?next=${encodeURIComponent(location.pathname)}`);
}

/** Where a finished sign-in leads. */
export function goOn() {
  const next = new URLSearchParams(location.search).get("next");
  location.replace(pages.find((page) => page.path === next)?.path ?? "/account");
}

/** Shows the page's own part, in the reader's language. */
export function show() {
  fill(document);
  main.hidden = false;
  setTitle();
}

/** Names the page after its heading that is to be seen. */
export function setTitle() {
  const heading = [...document.querySelectorAll("h1")].find((it) => !it.closest("[hidden]"));
  if (heading) document.title = text("page_title", heading.textContent);
}

/**
 * Opens a page for who is signed in; others are led to the sign-in. Returns whether there is
 * more to do: not for those who may not see the page.
 */
export async function openFor(who) {
  const { active, userName, roles = [] } = await ownSession();
  if (!active) {
    goToSignIn();
    return false;
  }
  const isAdministrator = roles.includes("administrator");
  showHeader(userName, isAdministrator);
  if (who === "administrator" && !isAdministrator) {
    main.replaceChildren(make("p", { class: "refusal" }, text("administrators_only")));
    main.hidden = false;
    return false;
  }
  show();
  return true;
}

function showHeader(userName, isAdministrator) {
  const links = pages
    .filter((page) => isAdministrator || !page.administrator)
    .map(({ path, title }) => {
      const here = path === location.pathname && "page";
      return make("li", {}, make("a", { href: path, "aria-current": here }, text(title)));
    });
  const header = document.getElementById("top");
  header.replaceChildren(
    make("a", { class: "skip", href: "#main" }, text("nav.skip")),
    make("strong", { class: "product" }, text("product")),
    make("nav", { "aria-label": text("nav.label") }, make("ul", {}, ...links)),
    make(
      "div",
      { class: "person" },
      make("span", {}, text("signed_in_as", userName)),
      button(text("sign_out"), signOut),
    ),
  );
  header.hidden = false;
}

async function signOut() {
  try {
    await call("AccountService/SignOut");
  } catch (refusal) {
    // A session that has ended already is no reason to stay; one that may go on is.
    if (refusal.word !== "not_signed_in") return say(refusalText(refusal));
  }
  location.assign("/?signed-out");
}

/** Tells what was done, to eyes and to screen readers. */
export function say(sentence) {
  document.getElementById("status").textContent = sentence;
}
