// The end of a session from inside: what is left to read, and the way to a sign-in.

import { make } from "./elements.js";
import { setTitle } from "./frame.js";
import { keepLanguage, text } from "./sentences.js";

/** Nothing of the account is shown any more. */
export function leave(title, paragraphs) {
  keepLanguage();
  for (const part of document.querySelectorAll("#top > :not(.product)")) part.remove();
  document.body.classList.remove("administration");
  const heading = make("h1", { tabindex: "-1" }, title);
  const way = make("a", { href: "/", class: "button primary" }, text("farewell.sign_in"));
  const main = document.getElementById("main");
  main.classList.add("narrow");
  main.replaceChildren(
    make(
      "section",
      {},
      heading,
      ...paragraphs.map((it) => make("p", {}, it)),
      make("div", { class: "actions" }, way),
    ),
  );
  setTitle();
  heading.focus();
}
