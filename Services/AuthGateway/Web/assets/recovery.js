// Recovery codes: shown once, and typed in the place of an authenticator's code.

import { button, field, make } from "./elements.js";
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

/**
 * Shows the codes in `place`, under a heading of that kind. Returns when the user says that he has
 * kept them.
 */
export function showRecoveryCodes(place, codes, kind = "h2") {
  const lines = codes.join("\n");
  return new Promise((kept) => {
    const heading = make(kind, { tabindex: "-1" }, text("recovery.title"));
    place.replaceChildren(
      heading,
      make("p", {}, text("recovery.why")),
      make(
        "ul",
        { class: "codes", "aria-label": text("recovery.list") },
        ...codes.map((code) => make("li", {}, make("code", { translate: "no" }, code))),
      ),
      make(
        "div",
        { class: "actions" },
        button(text("recovery.kept"), () => {
          place.replaceChildren();
          kept();
        }, { class: "primary" }),
        button(text("recovery.download"), () => download(`${lines}\n`)),
        copying(lines),
      ),
    );
    heading.focus();
  });
}

/** Without a secure context there is no clipboard; the codes can still be selected. */
function copying(lines) {
  if (!navigator.clipboard) return undefined;
  const told = make("span", { role: "status", class: "hint" });
  const copy = button(text("copy"), async () => {
    await navigator.clipboard.writeText(lines);
    told.textContent = text("copied");
  });
  return make("span", { class: "together" }, copy, told);
}

function download(lines) {
  const url = URL.createObjectURL(new Blob([lines], { type: "text/plain" }));
  make("a", { href: url, download: "recovery-codes.txt" }).click();
  // The click has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
