// Binding an authenticator: which verifier, what its app needs, and the first code. The same for
// a sign-in and for the personal centre, which differ in the calls.

import { codeField, copyable, field, make, oneOf, titleOf } from "./elements.js";
import { attempt, digits, onSubmit } from "./forms.js";
import { createPasskey } from "./passkeys.js";
import { text } from "./sentences.js";

/**
 * Shows the binding of one of `verifiers` in `place`. `begin(uid)` returns BindingStarted,
 * `confirm(message)` takes what confirms it and goes on from there. Returns when the first is
 * shown.
 */
export async function showBinding(place, { verifiers, begin, confirm }) {
  const notice = make("p", { role: "alert", class: "refusal" });
  const panel = make("div");
  const start = (uid) =>
    attempt(async () => {
      panel.replaceChildren(make("p", {}, text("loading")));
      try {
        const started = await begin(uid);
        panel.replaceChildren(
          ...(started.passkey
            ? passkey(started.passkey, confirm, async () => (await begin(uid)).passkey)
            : enrolment(started, confirm, () => start(uid))),
        );
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

/** `renew` returns a further request: each is good for one answer. */
function passkey(request, confirm, renew) {
  const form = make(
    "form",
    { method: "post", id: "new-passkey" },
    make("p", {}, text("bind.passkey")),
    field(text("passkey.name"), {
      name: "name",
      hint: text("passkey.name_hint"),
      maxlength: 64,
      autocomplete: "off",
    }),
    make("p", { role: "alert", class: "refusal" }),
    make(
      "div",
      { class: "actions" },
      make("button", { class: "primary" }, text("bind.passkey_submit")),
    ),
  );
  let current = request;
  onSubmit(form, async ({ name }) => {
    const made = await createPasskey(current);
    try {
      await confirm({ passkey: made, name });
    } catch (error) {
      if (["binding_expired", "passkey_refused"].includes(error.word)) current = await renew();
      throw error;
    }
  });
  return [form];
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
      await confirm({ code: digits(code) });
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
