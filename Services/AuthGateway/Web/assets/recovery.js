// Recovery codes: shown once, and typed in the place of an authenticator's code.

import { Refusal } from "./calls.js";
import { button, copying, field, make } from "./elements.js";
import { text } from "./sentences.js";

/** The field for one of them, under the name that a code of an authenticator has. */
export function recoveryCodeField() {
  return field(text("recovery.code"), {
    name: "code",
    class: "code",
    hint: text("recovery.code_hint"),
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: 64,
    required: true,
  });
}

/** An app shows a further code soon, so one is told to wait for it; of these each is used up. */
export function ofRecoveryCode(error) {
  return error.word === "code_used" ? new Refusal("recovery_code_used") : error;
}

/**
 * Shows the codes in `place`, under a heading unless one stands there already (`isTitled`).
 * `owner` is whose they are, for the printed sheet. Returns when the user says that he has kept
 * them.
 */
export function showRecoveryCodes(place, codes, { owner = signedIn(), isTitled = false } = {}) {
  const lines = codes.join("\n");
  return new Promise((kept) => {
    const heading = !isTitled && make("h2", { tabindex: "-1" }, text("recovery.title"));
    const done = () => {
      place.replaceChildren();
      kept();
    };
    const [copy, told] = copying(lines);
    const titled = [text("product"), owner].filter(Boolean);
    const parts = [
      heading,
      make("p", {}, text("recovery.why")),
      sheet(titled, codes),
      make(
        "div",
        { class: "actions field" },
        copy,
        button(text("recovery.download"), () => download(`${titled.join("\n")}\n\n${lines}\n`)),
        button(text("recovery.print"), () => print()),
        told,
      ),
      make(
        "div",
        { class: "actions" },
        button(text("recovery.kept"), done, { class: "primary" }),
      ),
    ];
    place.replaceChildren(...parts.filter(Boolean));
    if (heading) heading.focus();
  });
}

/** All that is printed of a page on which it stands: what the codes are for, and they. */
function sheet(titled, codes) {
  return make(
    "div",
    { class: "sheet" },
    ...titled.map((line) => make("p", { class: "printed" }, line)),
    make(
      "ul",
      { class: "codes", "aria-label": text("recovery.list") },
      ...codes.map((code) => make("li", {}, make("code", { translate: "no" }, code))),
    ),
  );
}

/** Inside a session the page's head says it. */
function signedIn() {
  return document.querySelector("#top .name")?.textContent;
}

function download(lines) {
  const url = URL.createObjectURL(new Blob([lines], { type: "text/plain" }));
  make("a", { href: url, download: "recovery-codes.txt" }).click();
  // The click has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
