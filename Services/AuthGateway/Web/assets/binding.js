// Binding an authenticator: which verifier, what its app needs or where its codes go, and the
// first code. The same for a sign-in and for the personal centre, which differ in the calls.

import { Refusal } from "./calls.js";
import { button, codeField, copyable, field, make, oneOf, titleOf } from "./elements.js";
import { attempt, digits, onSubmit } from "./forms.js";
import { isSent, receiverField, receiverOf, sentCode } from "./messages.js";
import { createPasskey, hasPasskeys } from "./passkeys.js";
import { text } from "./sentences.js";

/**
 * Shows the binding of one of `verifiers` in `place`. `begin(uid, receiver)` returns
 * BindingStarted, `receiver` being where codes go that are sent; `confirm(message)` takes what
 * confirms it and goes on from there. Returns when the first is shown.
 */
export async function showBinding(place, { verifiers: offered, begin, confirm }) {
  // What this browser cannot do stands last.
  const isUsable = ({ type }) => type !== "passkey" || hasPasskeys;
  const verifiers = [...offered].sort((one, other) => isUsable(other) - isUsable(one));
  const notice = make("p", { role: "alert", class: "refusal" });
  const panel = make("div");
  let latest;
  const start = (uid) =>
    attempt(async () => {
      latest = uid;
      const { type } = verifiers.find((it) => it.uid === uid);
      if (isSent(type)) return bindReceiver(panel, { uid, type, begin, confirm });
      panel.replaceChildren(make("p", {}, text("loading")));
      try {
        const started = await begin(uid);
        // Another one was chosen in the meantime.
        if (latest !== uid) return;
        panel.replaceChildren(
          ...(started.passkey
            ? passkey(started.passkey, confirm, async () => (await begin(uid)).passkey)
            : enrolment(started, confirm, () => start(uid))),
        );
      } catch (error) {
        if (latest === uid) panel.replaceChildren();
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

/** Asks where codes go, sends one there, and asks for that. */
function bindReceiver(panel, { uid, type, begin, confirm }) {
  const form = make(
    "form",
    { method: "post", id: "new-receiver" },
    receiverField(type),
    make("p", { role: "alert", class: "refusal" }),
    make(
      "div",
      { class: "actions" },
      make("button", { class: "primary" }, text("message.send")),
    ),
  );
  const change = () => {
    panel.replaceChildren(form);
    form.querySelector("input").select();
  };
  onSubmit(form, async (data) => {
    const send = async () => (await begin(uid, receiverOf(data))).message;
    const started = await send();
    const next = receivedCode(sentCode(send, started), confirm, () => change(), type);
    panel.replaceChildren(next);
    next.querySelector("input").focus();
  });
  panel.replaceChildren(form);
}

function receivedCode(codes, confirm, change, type) {
  const form = make(
    "form",
    { method: "post", id: "first-code" },
    ...codes.parts,
    make("p", { role: "alert", class: "refusal" }),
    make(
      "div",
      { class: "actions" },
      make("button", { class: "primary" }, text("bind.submit")),
      button(text(type === "sms" ? "message.change_phone" : "message.change_email"), change, {
        class: "quiet",
      }),
    ),
  );
  onSubmit(form, async ({ code }) => {
    try {
      await confirm({ code: digits(code) });
    } catch (error) {
      // The same to the gateway; to people a key and a code are not.
      throw error.word === "binding_expired" ? new Refusal("challenge_expired") : error;
    }
  });
  return form;
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
    width: 208,
    height: 208,
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
      make(
        "li",
        {},
        make("p", {}, text("bind.scan")),
        make(
          "div",
          { class: "enrolment" },
          image,
          make("div", {}, make("p", {}, text("bind.key")), copyable(grouped, secret)),
        ),
        make("a", { class: "button", href: uri }, text("bind.open")),
      ),
      make("li", {}, make("p", {}, text("bind.enter")), form),
    ),
  ];
}
