// The first administrator's last step: from now on everybody is asked for a second factor.

import { make } from "./elements.js";
import { text } from "./sentences.js";

const guide = document.getElementById("first-start");

/** Whether somebody comes here from the first sign-in of all. */
const isFirst = new URLSearchParams(location.search).has("first-start");

/** Shows the guide where it is wanted still; `tryOut()` tries what the form says. */
export function showGuide(form, tryOut) {
  if (!isFirst || form.elements.enforcement.value === "everyone") return;
  guide.hidden = false;
  document.getElementById("first-start-go").addEventListener("click", async () => {
    form.elements.enforcement.value = "everyone";
    form.elements.reason.value ||= text("first_start.reason");
    form.dispatchEvent(new Event("input"));
    await tryOut();
  });
}

/** Says what comes next, once everybody is asked. */
export function finishGuide({ enforcement }) {
  if (guide.hidden || enforcement !== "everyone") return;
  guide.replaceChildren(
    make("h2", { tabindex: "-1" }, text("first_start.done_title")),
    make("p", {}, text("first_start.done")),
    make(
      "div",
      { class: "actions" },
      make("a", { class: "button primary", href: "/admin/users" }, text("first_start.users")),
      make("a", { class: "button", href: "/admin/overview" }, text("first_start.overview")),
    ),
  );
  history.replaceState(undefined, "", location.pathname);
}
