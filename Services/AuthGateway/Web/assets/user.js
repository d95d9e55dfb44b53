// One user: who he is, what he can prove, where he is signed in, and what an administrator does
// about it. What can be done to oneself stands on one's own page.

import { call, momentIn, Refusal } from "./calls.js";
import { ask } from "./dialogs.js";
import { field, make, reasonField, showFacts } from "./elements.js";
import { openPage, say, setTitle } from "./frame.js";
import { withFreshProof } from "./proof.js";
import { act as actOn, acting } from "./rows.js";
import { momentText, text } from "./sentences.js";
import { showAuthenticators, showDevices, showSessions } from "./user-access.js";
import { askWhy, tellInitialPassword } from "./user-acts.js";
import { languageName, personFields } from "./user-forms.js";

const element = (id) => document.getElementById(id);
const id = new URLSearchParams(location.search).get("id") ?? "";

let user;
let isOwn = false;

const isAdministrator = () => (user.roles ?? []).includes("administrator");

async function load(session) {
  if (!/^[0-9a-f-]{36}$/u.test(id)) throw new Refusal("user_not_found");
  isOwn = session.session.userId === id;
  await show();
}

/** Everything anew: an act on one thing ends others, as a reset ends sessions. */
async function show() {
  const [found, authenticators, sessions, devices] = await Promise.all([
    call("AdminService/GetUser", { user: id }),
    call("AdminService/ListUserAuthenticators", { user: id }),
    call("AdminService/ListUserSessions", { user: id }),
    call("AdminService/ListTrustedDevices", { user: id }),
  ]);
  user = found;
  showHeading();
  showFacts(element("facts"), facts());
  showAuthenticators(element("authenticators"), authenticators);
  showSessions(element("sessions"), sessions.sessions ?? [], !isOwn && endSession);
  showDevices(element("devices"), devices.devices ?? [], !isOwn && forgetDevice);
  for (const { place, list } of acts((devices.devices ?? []).length)) {
    element(place).replaceChildren(...(isOwn ? [] : list.filter(Boolean).map(actRow)));
  }
  element("account-section").hidden = isOwn;
  element("own").hidden = !isOwn;
  element("edit").hidden = isOwn;
}

function showHeading() {
  const heading = document.querySelector("h1");
  heading.removeAttribute("data-text");
  const badge = (tone, key) => make("span", { class: `badge ${tone}` }, text(`user.${key}`));
  heading.replaceChildren(user.userName);
  element("badges").replaceChildren(
    ...[
      isAdministrator() && badge("", "administrator"),
      user.boundFactors > 0 && badge("good", "is_bound"),
      user.boundFactors === 0 && badge("", "is_not_bound"),
      user.locked && badge("warn", "is_locked"),
      user.disabled && badge("bad", "is_disabled"),
    ].filter(Boolean),
  );
  element("audit").href = `/admin/audit?user=${encodeURIComponent(id)}`;
  setTitle();
}

function facts() {
  return [
    [text("person.display_name"), user.displayName],
    [text("person.email"), user.email],
    [text("person.phone"), user.phone],
    [text("person.locale"), languageName(user.locale)],
    [text("user.created"), momentText(user.createdAt)],
    [
      text("user.last_sign_in"),
      user.lastSignInAt ? momentText(user.lastSignInAt) : text("user.never_signed_in"),
    ],
    [text("user.id"), make("code", { translate: "no" }, user.id)],
  ];
}

/** What can be done, by the place where it stands. */
function acts(devices) {
  const resets = isAdministrator()
    ? { key: "request_reset", run: requestReset }
    : { key: "reset_authenticators", run: resetAuthenticators };
  const neverSignedIn = user.email && !user.lastSignInAt && !user.disabled;
  return [
    {
      place: "authenticator-acts",
      list: [
        resets,
        !user.boundFactors && { key: "extend_grace", run: extendGrace },
        !user.boundFactors && { key: "end_grace", run: endGrace },
      ],
    },
    {
      place: "password-acts",
      list: [
        user.locked && { key: "unlock", run: unlock },
        { key: "reset_password", run: resetPassword },
        neverSignedIn && { key: "invite_again", run: inviteAgain },
      ],
    },
    { place: "session-acts", list: [{ key: "end_sessions", run: endSessions }] },
    {
      place: "device-acts",
      list: [devices > 0 && { key: "forget_devices", run: forgetDevices }],
    },
    {
      place: "account-acts",
      list: [
        { key: isAdministrator() ? "take_role" : "give_role", run: setRoles },
        { key: user.disabled ? "enable" : "disable", run: setDisabled },
        { key: "erase", run: erase, tone: "grave" },
      ],
    },
  ];
}

/** An act beside what it does. */
function actRow({ key, run, tone }) {
  const act = acting(text(`user.${key}`), run, { class: tone ?? false });
  return make(
    "li",
    {},
    make("div", {}, make("p", {}, text(`user.${key}_why`))),
    make("div", { class: "actions" }, act),
  );
}

/** Asks why, acts, shows what became of it, and says so. Returns the answer. */
async function act(key, method, message, told) {
  const answer = await askWhy(`user.${key}`, user.userName, method, { user: id, ...message });
  if (!answer) return undefined;
  await changed(told(answer));
  return answer;
}

/** What is shown is made anew: the keyboard stays in the section where it was. */
async function changed(sentence) {
  const heading = document.activeElement?.closest("main section")?.querySelector("h2");
  await show();
  if (document.activeElement === document.body) {
    (heading ?? document.querySelector("h1")).focus();
  }
  say(sentence);
}

const name = () => user.userName;

function resetAuthenticators() {
  return act("reset_authenticators", "ResetAuthenticators", {}, ({ removed = 0 }) =>
    text("user.authenticators_are_reset", name(), removed),
  );
}

function requestReset() {
  return act("request_reset", "RequestReset", {}, ({ expiresAt }) =>
    text("user.reset_is_requested", name(), momentText(expiresAt)),
  );
}

function unlock() {
  return act("unlock", "UnlockUser", {}, ({ unlocked = 0, stillDisabled = 0 }) => {
    const told = [text("user.is_unlocked", name(), unlocked)];
    if (stillDisabled > 0) told.push(text("user.still_disabled", stillDisabled));
    return told.join(text("between_sentences"));
  });
}

async function resetPassword() {
  const answer = await askWhy("user.reset_password", name(), "ResetPassword", { user: id });
  if (!answer) return;
  await tellInitialPassword(name(), answer.initialPassword);
  await changed(text("user.password_is_reset", name()));
}

function inviteAgain() {
  return act("invite_again", "RenewInvitation", {}, ({ expiresAt }) =>
    text("user.is_invited", user.email, momentText(expiresAt)),
  );
}

function endSessions() {
  return act("end_sessions", "EndUserSessions", {}, () => text("user.sessions_are_ended", name()));
}

function endSession(session) {
  return act("end_session", "EndUserSessions", { session }, () => text("user.session_is_ended"));
}

function forgetDevices() {
  return act("forget_devices", "ForgetTrustedDevices", {}, ({ forgotten = 0 }) =>
    text("user.devices_are_forgotten", forgotten),
  );
}

function forgetDevice(device) {
  return act("forget_device", "ForgetTrustedDevices", { device }, () =>
    text("user.device_is_forgotten"),
  );
}

function setRoles() {
  const key = isAdministrator() ? "take_role" : "give_role";
  const roles = isAdministrator() ? [] : ["administrator"];
  return act(key, "SetRoles", { roles }, () => text(`user.${key}_done`, name()));
}

function setDisabled() {
  const key = user.disabled ? "enable" : "disable";
  const method = user.disabled ? "EnableUser" : "DisableUser";
  return act(key, method, {}, () => text(`user.${key}_done`, name()));
}

/** The protocol's most; counted from the end of the day that is chosen. */
const graceDaysMax = 89;

const dayOf = (date) => {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

async function extendGrace() {
  const today = new Date();
  const last = new Date(today);
  last.setDate(last.getDate() + graceDaysMax);
  const until = field(text("user.grace_until"), {
    name: "day",
    type: "date",
    min: dayOf(today),
    max: dayOf(last),
    hint: text("user.grace_hint", graceDaysMax),
    required: true,
  });
  const granted = await ask({
    title: text("user.extend_grace_title", name()),
    explanation: text("user.extend_grace_why"),
    submit: text("user.extend_grace"),
    parts: [until, reasonField()],
    work: ({ day, reason }) => {
      const message = { user: id, until: new Date(`${day}T23:59:59`).toISOString(), reason };
      return withFreshProof(() => call("AdminService/ExtendGrace", message));
    },
  });
  if (granted) await changed(text("user.grace_is_extended", name(), momentText(granted.until)));
}

/** A grace until a moment that has passed is none. */
function endGrace() {
  const told = () => text("user.grace_is_ended", name());
  return act("end_grace", "ExtendGrace", { until: momentIn(-60) }, told);
}

async function edit() {
  // All of it is sent: what somebody else has changed since the page was read is not undone.
  const current = await call("AdminService/GetUser", { user: id });
  const updated = await ask({
    title: text("user.edit_title", name()),
    explanation: text("user.edit_why"),
    submit: text("user.edit_submit"),
    parts: [...personFields(current), reasonField()],
    work: (data) =>
      withFreshProof(() => call("AdminService/UpdateUser", { user: id, ...data })),
  });
  if (updated) await changed(text("user.is_edited", name()));
}

/** Wants the name typed: there is no way back. */
async function erase() {
  const typed = field(text("user.erase_name", name()), {
    name: "typed",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    required: true,
  });
  const input = typed.querySelector("input");
  input.addEventListener("input", () =>
    input.setCustomValidity(input.value === name() ? "" : text("user.erase_differs")),
  );
  const more = { parts: [typed], isGrave: true };
  const erased = await askWhy("user.erase", name(), "EraseUser", { user: id }, more);
  if (!erased) return;
  for (const part of document.querySelectorAll("main > :not(h1, #status, #back)")) {
    part.hidden = true;
  }
  document.querySelector("h1").focus();
  say(text("user.is_erased", name()));
}

element("edit").addEventListener("click", () => actOn(element("edit"), edit));
await openPage("administrator", load);
