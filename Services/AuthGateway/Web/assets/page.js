// A page by itself: its language, its title, what it tells, where a sign-in leads to. All that the
// sign-in needs of what pages stand in; the pages inside have more of it in `frame.js`.

import { make } from "./elements.js";
import { chooseLanguage, fill, language, languages, text } from "./sentences.js";

/** Our pages, for those who may see them. A sign-in leads to one of these and nowhere else. */
export const pages = [
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

export const main = document.getElementById("main");

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
  // Behind our own origin nothing is another host, and nothing cannot be read.
  const url = new URL(location.origin + next);
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

/** Tells what was done, to eyes and to screen readers. */
export function say(sentence) {
  document.getElementById("status").textContent = sentence;
}
