// The personal centre.

import { count } from "./every-page.js";

export const sentences = {
  "account.title": "Your account",
  "account.contents": "On this page",
  "account.save": "Save",

  "profile.title": "Profile",
  "profile.user_name": "User name",
  "profile.display_name": "Name",
  "profile.display_name_hint":
    "What you are called here and in mails. If left empty, your user name is used.",
  "profile.email": "E-mail address",
  "profile.phone": "Phone number",
  "profile.locale": "Language of mails",
  "profile.locale_usual": "Default",
  "profile.locale_hint": "The language of these pages is chosen at the foot of each page.",
  "profile.edit": "Edit",
  "profile.edit_named": "Edit the profile",
  "profile.edit_title": "Your profile",
  "profile.is_changed": "Your profile is changed.",

  "authenticators.title": "Authenticators",
  "authenticators.why": "What you can prove with, besides the password, that it is you.",
  "authenticators.none": "No verifier is available. Your administrator can set one up.",
  "authenticators.bound": (moment) => `Bound on ${moment}`,
  "authenticators.used": (moment) => `Last used on ${moment}`,
  "authenticators.never_used": "Not used yet",
  "authenticators.not_bound": "Not bound",
  "authenticators.another": "Another device can be bound.",
  "authenticators.disabled": "Disabled",
  "authenticators.disabled_why":
    "It was disabled after too many wrong codes. Ask your administrator to reset it.",
  "authenticators.bind": "Bind",
  "authenticators.bind_named": (title) => `Bind ${title}`,
  "authenticators.bind_title": (title) => `Bind: ${title}`,
  "authenticators.is_bound": (title) => `${title} is bound.`,
  "authenticators.rename": "Rename",
  "authenticators.rename_named": (title) => `Rename ${title}`,
  "authenticators.rename_title": (title) => `Rename: ${title}`,
  "authenticators.name": "Name",
  "authenticators.name_hint": "What you know it by, such as “grey phone”. May be left empty.",
  "authenticators.is_renamed": "The name is changed.",
  "authenticators.unbind": "Unbind",
  "authenticators.unbind_named": (title) => `Unbind ${title}`,
  "authenticators.unbind_title": (title) => `Unbind: ${title}`,
  "authenticators.unbind_why":
    "Prove it is you with any authenticator that you have bound. Your other sessions will end, "
    + "and no device is trusted any more.",
  "authenticators.is_unbound": (title) => `${title} is unbound.`,

  "recovery.section": "Recovery codes",
  "recovery.left": (left) =>
    left === 0 ? "You have none left." : `You have ${count(left, "code", "codes")} left.`,
  "recovery.few": "Few are left. Make new ones while you can still prove that it is you.",
  "recovery.make": "Make new ones",
  "recovery.make_title": "Make new recovery codes?",
  "recovery.make_why": "The ones that you have now will stop working.",

  current_password: "Current password",
  "change_password.title": "Password",
  "change_password.why": "Your other sessions will end, and no device is trusted any more.",
  "change_password.submit": "Change password",
  "change_password.done": "The password is changed, your other sessions have ended.",

  "amr.pwd": "password",
  "amr.otp": "one-time code",
  "amr.sms": "text message",
  "amr.pop": "passkey",
  "amr.other": "another proof",

  "sessions.title": "Sessions",
  "sessions.why": "Where you are signed in now.",
  "sessions.alone": "You are signed in nowhere else.",
  "sessions.current": "This session",
  "sessions.proved": (methods) => `Proved with ${methods}`,
  "sessions.by_caller": (service) => `Opened through ${service}`,
  "sessions.opened": (moment) => `Opened on ${moment}`,
  "sessions.used": (moment) => `last used on ${moment}`,
  "sessions.until": (moment) => `ends on ${moment} at the latest`,
  "sessions.end": "End",
  "sessions.end_named": (title, moment) => `End the session of ${title}, opened on ${moment}`,
  "sessions.is_ended": "The session has ended.",
  "sessions.end_others": "End all others",
  "sessions.end_others_title": "End all other sessions?",
  "sessions.end_others_why":
    "Every session but this one ends at once, and no device is trusted any more.",
  "sessions.others_are_ended": "Your other sessions have ended.",

  "devices.title": "Trusted devices",
  "devices.why":
    "On these the password alone is enough, where your administrator allows it. Forget those that "
    + "you do not use any more.",
  "devices.none": "You trust no device.",
  "devices.current": "This device",
  "devices.trusted": (day) => `Trusted since ${day}`,
  "devices.until": (day) => `until ${day}`,
  "devices.used": (moment) => `Last used on ${moment}`,
  "devices.forget": "Forget",
  "devices.forget_named": (title, day) => `Forget ${title}, trusted since ${day}`,
  "devices.is_forgotten": "The device is trusted no more.",
  "devices.forget_all": "Forget all",
  "devices.forget_all_title": "Forget all trusted devices?",
  "devices.forget_all_why":
    "The second factor is asked for again on each of them, and the sessions that their trust has "
    + "opened end. This session goes on.",
  "devices.all_are_forgotten": "No device is trusted any more.",

  "events.title": "Recent activity",
  "events.why": "What happened to your account, the newest first.",
  "events.none": "Nothing has happened yet.",
  "events.by_other": "done by an administrator",
  "events.because": (event) => `because: ${event}`,
  "events.striking": "Was that you?",

  "not_me.title": "Was that not you?",
  "not_me.why":
    "If you see something here or in a mail that you did not do, somebody else may have got "
    + "into your account. One press puts an end to that.",
  "not_me.report": "That was not me",
  "not_me.ask_title": "This will happen",
  "not_me.sessions": "All your sessions end at once, this one too.",
  "not_me.devices": "Every browser is forgotten, and no device is trusted any more.",
  "not_me.password":
    "When you sign in again you prove your second factor and then choose a new password.",
  "not_me.told": "You are told by mail, if your account has an address.",
  "not_me.submit": "End everything",
  "not_me.done_title": "All sessions have ended",
  "not_me.done":
    "Whoever was in your account is out. Sign in now and choose a new password, one that you use "
    + "nowhere else.",
  "not_me.mail": "A mail about it is on its way to you.",
  "not_me.no_mail": "No mail could be sent about it. Tell your administrator.",
  "not_me.advice":
    "Then look at your authenticators: unbind any that you do not know, and make new recovery "
    + "codes.",

  "erasure.title": "Delete the account",
  "erasure.why": "Deletes everything that is kept about you here. Nobody can undo that.",
  "erasure.by_another":
    "You are an administrator: another one has to do this, so that somebody is left.",
  "erasure.open": "Delete my account",
  "erasure.ask_title": "Delete your account?",
  "erasure.ask_why": "This is for good. Nobody can bring it back.",
  "erasure.profile": "Your name, your addresses and your password are deleted.",
  "erasure.factors": "Your authenticators and recovery codes are deleted.",
  "erasure.sessions": "All your sessions end at once, and no device is trusted any more.",
  "erasure.audit":
    "A record of what happened stays, under a number that no longer stands for anybody.",
  "erasure.name": (name) => `To go on, type your user name: ${name}`,
  "erasure.name_differs": "This is not your user name.",
  "erasure.submit": "Delete for good",
  "erasure.done_title": "Your account is deleted",
  "erasure.done": "Nothing of it works any more. You can close this page.",

  "farewell.sign_in": "To the sign-in",
};
