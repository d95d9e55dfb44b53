// Codes that are sent as text messages or as mails: where to, that they are on their way, and
// when a further one can be had.

import { secondsUntil } from "./calls.js";
import { button, codeField, field, make } from "./elements.js";
import { attempt } from "./forms.js";
import { text } from "./sentences.js";

/** Whether codes of this kind are sent. */
export const isSent = (type) => type === "sms" || type === "email";

/** The field for where codes of this kind go. */
export function receiverField(type) {
  const plain = { autocapitalize: "none", spellcheck: "false", required: true };
  if (type === "email") {
    return field(text("message.email"), {
      ...plain,
      name: "email",
      type: "email",
      autocomplete: "email",
      maxlength: 320,
    });
  }
  return field(text("message.phone"), {
    ...plain,
    name: "phone",
    type: "tel",
    autocomplete: "tel",
    hint: text("message.phone_hint"),
    maxlength: 32,
  });
}

/** What was typed there. People part the digits of numbers, which the gateway does not. */
export function receiverOf({ phone, email }) {
  return phone === undefined ? email.trim() : phone.replace(/[\s().-]/gu, "");
}

/**
 * The field for a code that is sent, and what sends it. `send()` returns MessageSent; `started` is
 * one that was sent already. `codes.send()` sends, and tells a refusal in the form's alert.
 */
export function sentCode(send, started) {
  const told = make("p", { role: "status", class: "hint" });
  const code = codeField(text("message.code_hint"));
  const again = resending(() => codes.send());
  let isSending = false;
  const take = ({ receiver, digits, resendAfter }) => {
    told.textContent = text("message.sent", receiver, digits);
    again.wait(secondsUntil(resendAfter));
  };
  const codes = {
    parts: [told, code, again.part],
    async send() {
      if (isSending) return;
      isSending = true;
      again.part.setAttribute("aria-busy", "true");
      const notice = code.closest("form").querySelector("[role=alert]");
      await attempt(async () => {
        try {
          take(await send());
          code.querySelector("input").focus();
        } catch (error) {
          if (error.retryAfterSeconds) again.wait(error.retryAfterSeconds);
          throw error;
        }
      }, notice);
      again.part.removeAttribute("aria-busy");
      isSending = false;
    },
  };
  if (started) take(started);
  return codes;
}

/**
 * A button that sends, in whose place stands for how long none can be sent: a button that were
 * disabled would take the keyboard's place with it.
 */
function resending(send) {
  const press = button(text("message.send"), send);
  const counting = make("p", { class: "hint", hidden: true });
  let until = 0;
  let timer;
  const show = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    press.hidden = left > 0;
    counting.hidden = left <= 0;
    if (left > 0) counting.textContent = text("message.wait", left);
    if (left <= 0) clearInterval(timer);
  };
  return {
    part: make("div", { class: "field" }, press, counting),
    wait(seconds) {
      press.textContent = text("message.send_again");
      until = Date.now() + seconds * 1000;
      clearInterval(timer);
      timer = setInterval(show, 1000);
      show();
    },
  };
}
