// Binding an authenticator: which verifier, what its app needs, and the first code. The same for
// a sign-in and for the personal centre, which differ in the calls.

import { codeField, copyable, make, oneOf, titleOf } from "./elements.js";
import { attempt, digits, onSubmit } from "./forms.js";
import { text } from "./sentences.js";

/**
 * Shows the binding of one of `verifiers` in `place`. `begin(uid)` returns BindingStarted,
 * `confirm(code)` takes the code and goes on from there. Returns when the first is shown.
 */
export async function showBinding(place, { verifiers, begin, confirm }) {
  const notice = make("p", { role: "alert", class: "refusal" });
  const panel = make("div");
  const start = (uid) =>
    attempt(async () => {
      panel.replaceChildren(make("p", {}, text("loading")));
      try {
        panel.replaceChildren(...enrolment(await begin(uid), confirm, () => start(uid)));
      } catch (error) {
        panel.replaceChildren();
        throw error;
      }
    }, notice);
  const choice = oneOf(
    "verifier",
    text("bind.which"),
    verifiers.map((it) => ({ value: it.uid, label: titleOf(it) })),
  );
  choice.addEventListener("change", (event) => start(event.target.value));
  place.replaceChildren(choice, notice, panel);
  await start(verifiers[0].uid);
}

function enrolment(started, confirm, again) {
  if (started.totp) return totp(started.totp, confirm, again);
  return [make("p", {}, text("bind.other"))];
}

function totp({ secret, uri, qr }, confirm, again) {
  const image = qr && make("img", {
    class: "qr",
    alt: text("bind.qr"),
    width: 240,
    height: 240,
    src: `data:image/svg+xml,${encodeURIComponent(qr)}`,
  });
  const grouped = secret.replace(/(.{4})(?=.)/gu, "$1 ");
  const form = make(
    "form",
    { method: "post", id: "first-code" },
    codeField(),
    make("p", { role: "alert", class: "refusal" }),
    make("div", { class: "actions" }, make("button", { class: "primary" }, text("bind.submit"))),
  );
  onSubmit(form, async ({ code }) => {
    try {
      await confirm(digits(code));
    } catch (error) {
      // The old key opens nothing any more, so the new one is shown at once.
      if (error.word === "binding_expired") await again();
      throw error;
    }
  });
  return [
    make(
      "ol",
      { class: "steps" },
      make("li", {}, make("p", {}, text("bind.scan")), image),
      make(
        "li",
        {},
        make("p", {}, text("bind.key")),
        copyable(grouped, secret),
        make("p", {}, make("a", { href: uri }, text("bind.open"))),
      ),
      make("li", {}, make("p", {}, text("bind.enter")), form),
    ),
  ];
}
