// What every page stands in: who is signed in, the way to the other pages, the way out.

import { call, Refusal } from "./calls.js";
import { button, make } from "./elements.js";
import { attempt } from "./forms.js";
import { chooseLanguage, fill, language, languages, refusalText, text } from "./sentences.js";
import { goToSignIn, ownSession } from "./session.js";

/** Our pages, for those who may see them. A sign-in leads to one of these and nowhere else. */
const pages = [
  { path: "/account", title: "nav.account" },
  { path: "/admin/overview", title: "nav.overview", administrator: true },
  { path: "/admin/two-factor", title: "nav.two_factor", administrator: true },
  { path: "/admin/versions", title: "nav.versions", administrator: true },
  { path: "/admin/verifiers", title: "nav.verifiers", administrator: true },
  { path: "/admin/users", title: "nav.users", administrator: true },
  { path: "/admin/user", administrator: true },
  { path: "/admin/locked", title: "nav.locked", administrator: true },
  { path: "/admin/audit", title: "nav.audit", administrator: true },
];

/** After these a page may be there again in a moment, without anything being done for it. */
const passing = ["unreachable", "unavailable", "overloaded", "deadline_exceeded", "internal"];

const main = document.getElementById("main");

// A browser may keep a page that was left as it stands, and show it again on the way back: also
// to whoever comes after a sign-out. What was left is out of sight, and is loaded anew.
addEventListener("pagehide", () => {
  document.body.hidden = true;
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

/** Where a finished sign-in leads: to one of our pages, `usual` where none was asked for. */
export function goOn(usual = "/account") {
  location.replace(ownPage(new URLSearchParams(location.search).get("next")) ?? usual);
}

/** The way to one of our own pages; undefined for every other, whoever has written it. */
function ownPage(next) {
  if (!next?.startsWith("/")) return undefined;
  const url = new URL(next, location.origin);
  // On the way to another host, which stands behind the path, is a page of ours too.
  const isOurs =
    url.pathname === "/hand-over" || pages.some(({ path }) => path === url.pathname);
  return url.origin === location.origin && isOurs ? url.pathname + url.search : undefined;
}

/** Shows the page's own part, in the reader's language. */
export function show() {
  fill(document);
  showFooter();
  main.removeAttribute("aria-busy");
  setTitle();
}

/** Names the page after its heading that is to be seen. */
export function setTitle() {
  const heading = [...document.querySelectorAll("h1")].find((it) => !it.closest("[hidden]"));
  if (heading) document.title = text("page_title", heading.textContent);
}

/**
 * Opens a page for who is signed in; others are led to the sign-in. `load(session)` fetches what
 * the page shows; nothing can be read or pressed before that is there, and nothing but the
 * trouble is shown when it cannot be had.
 */
export async function openPage(who, load) {
  fill(document);
  const trouble = document.getElementById("trouble");
  const isLoaded = await attempt(async () => {
    const session = await ownSession();
    if (!session.active) throw new Refusal("not_signed_in");
    const isAdministrator = (session.roles ?? []).includes("administrator");
    showHeader(session.userName, isAdministrator);
    if (who === "administrator" && !isAdministrator) throw new Refusal("administrator_required");
    await load(session);
  }, trouble);
  if (!isLoaded) {
    for (const part of main.querySelectorAll(":scope > :not(h1, #trouble)")) part.hidden = true;
    if (passing.includes(trouble.dataset.word)) {
      trouble.after(button(text("away.again"), () => location.reload(), { class: "primary" }));
    }
  }
  show();
}

function showHeader(userName, isAdministrator) {
  const header = document.getElementById("top");
  const product = header.querySelector(".product");
  const person = make(
    "div",
    { class: "person" },
    make("span", { class: "name", title: text("signed_in_as", userName) }, userName),
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

/** In which language the pages speak, chosen by its own name. */
function showFooter() {
  const select = make(
    "select",
    { "aria-label": text("language") },
    ...Object.entries(languages).map(([tag, name]) =>
      make("option", { value: tag, lang: tag, selected: tag === language }, name),
    ),
  );
  select.addEventListener("change", () => chooseLanguage(select.value));
  document.getElementById("foot").replaceChildren(select);
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
