// What proves, besides the password, who one is: bound authenticators, what could be bound, and
// recovery codes.

import { showBinding } from "./binding.js";
import { call } from "./calls.js";
import { whereText } from "./devices.js";
import { ask } from "./dialogs.js";
import { button, field, make, titleOf } from "./elements.js";
import { say } from "./frame.js";
import { askForProof, provable, withFreshProof } from "./proof.js";
import { showRecoveryCodes } from "./recovery.js";
import { acting, joined, row } from "./rows.js";
import { refresh, section } from "./sections.js";
import { momentText, text } from "./sentences.js";

/** With so few left it is time to make new ones. */
const fewCodes = 3;

const element = (id) => document.getElementById(id);

/** All verifiers, bound or not; and what is bound under one that serves no more. */
async function load() {
  const {
    authenticators = [],
    verifiers = [],
    recoveryCodesLeft = 0,
  } = await call("AccountService/ListAuthenticators");
  showCodesLeft(authenticators.length > 0, recoveryCodesLeft);
  const bound = new Set(authenticators.map((it) => it.verifier));
  const rows = [
    ...authenticators.map(boundRow),
    ...verifiers
      .filter((it) => it.type === "passkey" || !bound.has(it.uid))
      .map((it) => unboundRow(it, bound.has(it.uid))),
  ];
  element("authenticators").replaceChildren(...rows);
  element("no-authenticators").hidden = rows.length > 0;
}

function boundRow(authenticator) {
  const { id, type, boundAt, lastUsedAt, lastUsedDevice, lastUsedFrom, disabled } = authenticator;
  const title = titleOf(authenticator);
  const item = row({
    kind: type,
    title,
    badge: disabled && { look: "bad", label: text("authenticators.disabled") },
    facts: [
      text("authenticators.bound", momentText(boundAt)),
      lastUsedAt
        ? joined(
            text("authenticators.used", momentText(lastUsedAt)),
            whereText(lastUsedDevice, lastUsedFrom),
          )
        : text("authenticators.never_used"),
      disabled && text("authenticators.disabled_why"),
    ],
    actions: [
      {
        label: text("authenticators.rename"),
        name: text("authenticators.rename_named", title),
        run: () => rename(authenticator, title),
      },
      {
        label: text("authenticators.unbind"),
        name: text("authenticators.unbind_named", title),
        run: () => unbind(authenticator, title),
      },
    ],
  });
  item.dataset.authenticator = id;
  return item;
}

/** Of passkeys there may be several: one for each device, and one to spare. */
function unboundRow(verifier, isBound) {
  const title = titleOf(verifier);
  return row({
    kind: verifier.type,
    title,
    facts: [text(isBound ? "authenticators.another" : "authenticators.not_bound")],
    actions: [
      {
        label: text("authenticators.bind"),
        name: text("authenticators.bind_named", title),
        run: () => bind(verifier, title),
      },
    ],
  });
}

async function bind(verifier, title) {
  const heading = make("h3", { tabindex: "-1" }, text("authenticators.bind_title", title));
  const panel = make("div");
  const close = () => element("binding").replaceChildren();
  const giveUp = () => {
    close();
    element("authenticators-title").focus();
  };
  element("binding").replaceChildren(heading, panel, button(text("cancel"), giveUp));
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

async function rename({ id, name = "" }, title) {
  const renamed = await ask({
    title: text("authenticators.rename_title", title),
    submit: text("account.save"),
    parts: [
      field(text("authenticators.name"), {
        name: "name",
        value: name,
        hint: text("authenticators.name_hint"),
        autocomplete: "off",
        maxlength: 64,
      }),
    ],
    work: (data) =>
      call("AccountService/RenameAuthenticator", { authenticator: id, name: data.name.trim() }),
  });
  if (!renamed) return;
  await refresh("authenticators", "events");
  const rows = [...element("authenticators").children];
  const heading = rows.find((it) => it.dataset.authenticator === id)?.querySelector("h3");
  (heading ?? element("authenticators-title")).focus();
  say(text("authenticators.is_renamed"));
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

/** Other sessions have ended by it. The list is made anew, so the keyboard goes to its heading. */
async function changed(sentence) {
  await refresh("profile", "authenticators", "sessions", "devices", "events");
  element("authenticators-title").focus();
  say(sentence);
}

function showCodesLeft(hasAny, left) {
  element("recovery").hidden = !hasAny;
  element("recovery-left").textContent = text("recovery.left", left);
  element("recovery-few").hidden = left > fewCodes;
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
  await refresh("authenticators", "events");
  await keepCodes(made.codes ?? []);
  element("recovery-title").focus();
}

element("recovery-actions").append(acting(text("recovery.make"), makeRecoveryCodes));
section("authenticators", load);
