// A sign-in under way: does what the gateway asks for next, until the session is open. The ticket
// of the pending sign-in is held here and nowhere else.

import { call, secondsUntil } from "./calls.js";
import { button, make } from "./elements.js";
import { attempt } from "./forms.js";
import { goOn, say } from "./page.js";
import { text } from "./sentences.js";
import { later, notice, showFirstStep, showStep } from "./steps.js";

/**
 * Its `ticket`, the `name` that it began with, whether a second factor `isProved` in it (then a
 * shorter password is enough), whether the first one was bound and a new password chosen in it,
 * and the `timer` of its end.
 */
let pending = {};

const secondFactor = () => later(import("./second-factor.js"));

/** Begins one by a password. */
export async function start(identifier, password) {
  const next = await call("SignInService/Start", { identifier, password });
  forget();
  pending.name = identifier;
  await follow(next);
}

/** Begins one by a passkey, which stands for two factors. */
export async function startByPasskey(ticket, passkey) {
  const next = await call("SignInService/CompletePasskey", { ticket, passkey });
  forget();
  await proved(next);
}

/** A second factor was proved or bound, and `next` is what the gateway answered. */
export function proved(next) {
  pending.isProved = true;
  return follow(next);
}

/** A new password was chosen, and `next` is what the gateway answered. */
export function replaced(next) {
  pending.hasNewPassword = true;
  return follow(next);
}

async function follow(next) {
  clearTimeout(pending.timer);
  say("");
  if (next.recoveryCodes?.length) {
    pending.isFirst = true;
    await (await secondFactor()).keepRecoveryCodes(next.recoveryCodes, pending.name);
  }
  if (next.signedIn) return leave();
  const offer = next.bind ?? next.verify ?? next.changePassword;
  pending.ticket = offer.ticket;
  pending.timer = setTimeout(expire, secondsUntil(offer.expiresAt) * 1000);
  if (next.bind) return (await secondFactor()).bind(next.bind);
  if (next.verify) return (await secondFactor()).verify(next.verify);
  const { chooseNewPassword } = await later(import("./new-password.js"));
  return chooseNewPassword(pending.name, pending.isProved ? 8 : 15);
}

/** Where nobody has said yet who is asked for a second factor, that comes next. */
async function leave() {
  if (!pending.isFirst || !pending.hasNewPassword) return goOn();
  const { firstPage } = await later(import("./first-page.js"));
  goOn(await firstPage());
}

/** A call of the pending sign-in. One that has ended leads to the step that says so. */
export async function step(method, message) {
  try {
    return await call(`SignInService/${method}`, { ticket: pending.ticket, ...message });
  } catch (refusal) {
    if (["sign_in_expired", "step_out_of_order"].includes(refusal.word)) expire();
    throw refusal;
  }
}

function expire() {
  const { name } = pending;
  forget();
  say("");
  showStep(
    text("expired.title"),
    make("p", {}, text("expired.why")),
    make(
      "div",
      { class: "actions" },
      button(text("expired.again"), () => backToFirst("", name), { class: "primary" }),
    ),
  );
}

function forget() {
  clearTimeout(pending.timer);
  pending = {};
}

/** To the first step, with what is to be told there and who is to be offered there again. */
export function backToFirst(sentence = "", name = "") {
  forget();
  say(sentence);
  showFirstStep(name);
}

/** Gives the sign-in up, also at the gateway, and begins anew. */
export async function giveUp() {
  const { ticket } = pending;
  backToFirst(text("sign_in.canceled"));
  await attempt(() => call("SignInService/Cancel", { ticket }), notice);
}
