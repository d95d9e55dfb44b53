// What every page stands in: who is signed in, the way to the other pages, the way out.

import { call, Refusal } from "./calls.js";
import { button, make } from "./elements.js";
import { attempt } from "./forms.js";
import { fill, refusalText, text } from "./sentences.js";
import { goToSignIn, ownSession } from "./session.js";

/** Our pages, for those who may see them. A sign-in leads to one of these and nowhere else. */
const pages = [
  { path: "/account", title: "nav.account" },
  { path: "/admin/two-factor", title: "nav.two_factor", administrator: true },
  { path: "/admin/verifiers", title: "nav.verifiers", administrator: true },
  { path: "/admin/users", title: "nav.users", administrator: true },
  { path: "/admin/locked", title: "nav.locked", administrator: true },
];

const main = document.getElementById("main");

// A browser may keep a page that was left as it stands, and show it again on the way back: also
// to whoever comes after a sign-out. What was left is out of sight, and is loaded anew.
addEventListener("pagehide", () => {
  document.body.hidden = true;
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

/** Where a finished sign-in leads. */
export function goOn() {
  const next = new URLSearchParams(location.search).get("next");
  // On the way to another host, which stands behind the path.
  const isHandOver = next?.startsWith("/hand-over?");
  const page = isHandOver ? next : pages.find(({ path }) => path === next)?.path;
  location.replace(page ?? "/account");
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
 * Opens a page for who is signed in; others are led to the sign-in. `load` fetches what the page
 * shows; nothing can be read or pressed before that is there, and nothing but the trouble is
 * shown when it cannot be had.
 */
export async function openPage(who, load) {
  fill(document);
  const isLoaded = await attempt(async () => {
    const { active, userName, roles = [] } = await ownSession();
    if (!active) throw new Refusal("not_signed_in");
    const isAdministrator = roles.includes("administrator");
    showHeader(userName, isAdministrator);
    if (who === "administrator" && !isAdministrator) throw new Refusal("administrator_required");
    await load();
  });
  if (!isLoaded) {
    for (const part of main.querySelectorAll(":scope > :not(h1, #trouble)")) part.hidden = true;
  }
  show();
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
