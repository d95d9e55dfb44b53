// The personal centre: what is bound, and the password.

import { showBinding } from "./binding.js";
import { call } from "./calls.js";
import { button, make, showFacts, titleOf } from "./elements.js";
import { attempt, onSubmit, prepareReveals, resetForm } from "./forms.js";
import { ask } from "./dialogs.js";
import { openPage, say } from "./frame.js";
import { askForProof, provable, withFreshProof } from "./proof.js";
import { showRecoveryCodes } from "./recovery.js";
import { momentText, text } from "./sentences.js";

const element = (id) => document.getElementById(id);

async function showProfile() {
  const account = await call("AccountService/Get");
  showFacts(element("profile"), [
    [text("profile.user_name"), account.userName],
    [text("profile.display_name"), account.displayName],
    [text("profile.email"), account.email],
    [text("profile.phone"), account.phone],
    [
      text("profile.session"),
      text("profile.session_until", momentText(account.session.expiresAt)),
    ],
  ]);
  element("account-name").value = account.userName;
  const least = account.session.aal >= 2 ? 8 : 15;
  element("new-password-hint").textContent = text("new_password.hint", least);
}

/** All verifiers, bound or not; and what is bound under one that serves no more. */
async function showAuthenticators() {
  const {
    authenticators = [],
    verifiers = [],
    recoveryCodesLeft = 0,
  } = await call("AccountService/ListAuthenticators");
  element("recovery").hidden = authenticators.length === 0;
  element("recovery-left").textContent = text("recovery.left", recoveryCodesLeft);
  const bound = new Set(authenticators.map((it) => it.verifier));
  const rows = [
    ...authenticators.map(boundRow),
    ...verifiers
      .filter((it) => it.type === "passkey" || !bound.has(it.uid))
      .map((it) => unboundRow(it, bound.has(it.uid))),
  ];
  element("authenticators").replaceChildren(...rows);
  if (rows.length === 0) {
    element("authenticators").append(make("li", {}, text("authenticators.none")));
  }
}

function row(title, facts, action) {
  return make(
    "li",
    {},
    make("div", {}, make("h3", {}, title), ...facts.map((fact) => make("p", {}, fact))),
    make("div", { class: "actions" }, action),
  );
}

function boundRow(authenticator) {
  const title = titleOf(authenticator);
  const used = authenticator.lastUsedAt
    ? text("authenticators.used", momentText(authenticator.lastUsedAt))
    : text("authenticators.never_used");
  const facts = [`${text("authenticators.bound", momentText(authenticator.boundAt))}, ${used}`];
  if (authenticator.disabled) facts.push(text("authenticators.disabled"));
  return row(
    title,
    facts,
    button(text("authenticators.unbind"), () => attempt(() => unbind(authenticator, title)), {
      "aria-label": text("authenticators.unbind_named", title),
    }),
  );
}

/** Of passkeys there may be several: one for each device, and one to spare. */
function unboundRow(verifier, isBound) {
  const title = titleOf(verifier);
  return row(
    title,
    [text(isBound ? "authenticators.another" : "authenticators.not_bound")],
    button(text("authenticators.bind"), () => attempt(() => bind(verifier, title)), {
      "aria-label": text("authenticators.bind_named", title),
    }),
  );
}

async function bind(verifier, title) {
  const heading = make("h3", { tabindex: "-1" }, text("authenticators.bind_title", title));
  const panel = make("div");
  const close = () => element("binding").replaceChildren();
  element("binding").replaceChildren(heading, panel, button(text("cancel"), close));
  heading.focus();
  await showBinding(panel, {
    verifiers: [verifier],
    begin: (uid, receiver) =>
      withFreshProof(() => call("AccountService/BeginBinding", { verifier: uid, receiver })),
    confirm: async (message) => {
      const bound = await withFreshProof(() => call("AccountService/ConfirmBinding", message));
      close();
      await keepCodes(bound.recoveryCodes ?? []);
      await changed(text("authenticators.is_bound", title));
    },
  });
}

async function unbind(authenticator, title) {
  const done = await askForProof({
    title: text("authenticators.unbind_title", title),
    explanation: text("authenticators.unbind_why"),
    submit: text("authenticators.unbind"),
    ...(await provable()),
    purpose: "unbind",
    work: (provedWith, proof) =>
      call("AccountService/Unbind", { authenticator: authenticator.id, provedWith, ...proof }),
  });
  if (done) await changed(text("authenticators.is_unbound", title));
}

/** Shows codes that will not be told again, until they are kept. */
async function keepCodes(codes) {
  if (codes.length === 0) return;
  element("recovery").hidden = false;
  await showRecoveryCodes(element("recovery-codes"), codes);
}

async function makeRecoveryCodes() {
  const made = await ask({
    title: text("recovery.make_title"),
    explanation: text("recovery.make_why"),
    submit: text("recovery.make"),
    work: () => withFreshProof(() => call("AccountService/RegenerateRecoveryCodes")),
  });
  if (!made) return;
  await showAuthenticators();
  await keepCodes(made.codes ?? []);
  element("recovery-title").focus();
}

/** The list is made anew, so the keyboard goes to its heading. */
async function changed(sentence) {
  await showAuthenticators();
  element("authenticators-title").focus();
  say(sentence);
}

element("recovery-actions").append(
  button(text("recovery.make"), () => attempt(makeRecoveryCodes)),
);
prepareReveals(document);
onSubmit(element("change-password"), async ({ currentPassword, newPassword }) => {
  say("");
  const message = { currentPassword, newPassword };
  await withFreshProof(() => call("AccountService/ChangePassword", message));
  resetForm(element("change-password"));
  await showProfile();
  say(text("change_password.done"));
});
await openPage("user", () => Promise.all([showProfile(), showAuthenticators()]));
