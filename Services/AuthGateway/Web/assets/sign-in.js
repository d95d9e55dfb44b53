// The first step of a sign-in: a name with its password, or a passkey; and what leads elsewhere
// from there, as links in mails do. What comes after it is loaded when somebody begins to type.

import { call, passing, Refusal } from "./calls.js";
import { button, make } from "./elements.js";
import { attempt, isBusy, onSubmit, prepareReveals } from "./forms.js";
import { goOn, say, show } from "./page.js";
import { hasPasskeys, provePasskey } from "./passkeys.js";
import { text } from "./sentences.js";
import { ownSession } from "./session.js";
import { first, later, notice, showFirstStep, showStep } from "./steps.js";

/** For how long the page waits to hear whether there is a session, before it shows the form. */
const patienceMilliseconds = 300;

const element = (id) => document.getElementById(id);
const form = first.querySelector("form");
const underWay = () => later(import("./under-way.js"));
const newPassword = () => later(import("./new-password.js"));
const signUp = () => later(import("./sign-up.js"));

/** What a link in a mail brought. It stood behind the `#`, which no server gets to see. */
let link;
/** What offers passkeys in the field for the name, once it is loaded. */
let passkeyOffer;
/** Whether it is to do so now. */
let isOffering = false;

/** Passkeys that the browser holds stand among what it offers in the field for the name. */
async function offerPasskeys() {
  if (!hasPasskeys) return;
  isOffering = true;
  passkeyOffer ??= await import("./passkey-offer.js");
  if (isOffering) await passkeyOffer.offerInField(finishPasskey);
}

/** Returns when the browser can be asked for a passkey in another way. */
function stopOffering() {
  isOffering = false;
  return passkeyOffer?.stopOffering();
}

/** Returns whether it led on. */
function finishPasskey(ticket, passkey) {
  return unlessBusy(async () => (await underWay()).startByPasskey(ticket, passkey));
}

/** One thing at a time leads on from here. Returns whether it went well. */
async function unlessBusy(work) {
  if (isBusy(form)) return false;
  form.setAttribute("aria-busy", "true");
  try {
    return await attempt(work, notice);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

async function signInByPasskey() {
  const given = {};
  const isGiven = await unlessBusy(async () => {
    await stopOffering();
    const begun = await call("SignInService/BeginPasskey");
    given.ticket = begun.ticket;
    given.passkey = await provePasskey(begun.passkey);
  });
  if (isGiven) await finishPasskey(given.ticket, given.passkey);
  if (!first.hidden) await offerPasskeys();
}

/** A way to sign up stands here where accounts are made by who wants one. */
async function offerSignUp() {
  try {
    const { signUp: isOpen } = await call("SignInService/GetOptions");
    element("sign-up").hidden = !isOpen;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/**
 * Shows what a link in a mail is for, and takes it at once out of the address and the history.
 * Returns whether there was one.
 */
async function openLink() {
  const [found, kind, token] = /^#(reset|sign-up)=([\w-]{43})$/u.exec(location.hash) ?? [];
  if (!found) return false;
  history.replaceState(null, "", location.pathname);
  link = found;
  say("");
  const isShown = await attempt(async () => {
    const { followLink } = await (kind === "reset" ? newPassword() : signUp());
    show();
    followLink(token);
  }, notice);
  if (!isShown) {
    show();
    showFirstStep();
  }
  return true;
}

/** Nobody can sign in right now; why not is told, and a button tries again. */
function showAway(sentence) {
  const trouble = make("p", { role: "alert", class: "refusal" }, sentence);
  const again = () =>
    attempt(async () => {
      if ((await ownSession()).active) goOn();
      else showFirstStep();
    }, trouble);
  const press = button(text("away.again"), again, { class: "primary" });
  showStep(text("away.title"), trouble, make("div", { class: "actions" }, press));
}

async function begin() {
  const own = ownSession();
  // Whoever is signed in is not shown the form for a moment; nobody waits long for it.
  const isActive = own.then(({ active }) => active, () => false);
  const patience = new Promise((done) => setTimeout(done, patienceMilliseconds));
  if (await Promise.race([isActive, patience])) return goOn();
  show();
  showFirstStep();
  const asked = new URLSearchParams(location.search);
  if (asked.has("signed-out")) say(text("sign_in.signed_out"));
  else if (asked.has("next")) say(text("sign_in.needed"));
  const isHeard = await attempt(() => own, notice);
  if (isHeard && (await isActive)) return goOn();
  const isUntouched = !first.hidden && !form.elements.identifier.value;
  if (!isHeard && isUntouched && passing.includes(notice.dataset.word)) {
    return showAway(notice.textContent);
  }
  await offerSignUp();
}

first.addEventListener("shown", () => {
  link = undefined;
  offerPasskeys();
});
first.addEventListener("left", stopOffering);
onSubmit(form, async ({ identifier, password }) => {
  stopOffering();
  try {
    await (await underWay()).start(identifier, password);
  } finally {
    if (!first.hidden) offerPasskeys();
  }
});
// The next step is there when it is asked for. What cannot be loaded now is loaded then.
const load = () => Promise.allSettled([underWay(), import("./second-factor.js")]);
form.addEventListener("input", load, { once: true });
element("passkey").hidden = !hasPasskeys;
element("passkey").addEventListener("click", signInByPasskey);
element("forgotten").addEventListener("click", () =>
  unlessBusy(async () => {
    const { askForLink } = await newPassword();
    say("");
    askForLink(element("identifier").value);
  }),
);
element("sign-up").addEventListener("click", () =>
  unlessBusy(async () => {
    const { askForLink } = await signUp();
    say("");
    askForLink();
  }),
);
prepareReveals(document);
// Another language loads the page anew: what a link has brought is to be there again.
element("foot").addEventListener(
  "change",
  () => link && history.replaceState(null, "", link),
  { capture: true },
);
// A link that is opened in a tab where this page stands already loads nothing.
addEventListener("hashchange", openLink);
if (!(await openLink())) await begin();
