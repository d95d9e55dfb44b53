// One user, as an administrator sees him.

import { begin, count } from "./every-page.js";

export const sentences = {
  "user.title": "User",
  "user.back": "All users",
  "user.own": "This is your own account. Only another administrator can do these things to it.",
  "user.own_page": "Your account",
  "user.administrator": "administrator",
  "user.is_bound": "second factor bound",
  "user.is_not_bound": "no second factor",
  "user.is_locked": "locked",
  "user.is_disabled": "disabled",

  "user.facts": "Profile",
  "user.created": "Created on",
  "user.last_sign_in": "Last signed in",
  "user.never_signed_in": "never",
  "user.id": "Identifier",
  "user.audit": "What happened",
  "user.edit": "Edit",
  "user.edit_title": (name) => `Edit ${name}`,
  "user.edit_why": "The e-mail address and phone number work for signing in too, and get notices.",
  "user.edit_submit": "Save",
  "user.is_edited": (name) => `The profile of ${name} is saved.`,

  "user.authenticators": "Second factors",
  "user.no_authenticators": "Nothing is bound.",
  "user.authenticator_disabled": "disabled after too many failures",
  "user.bound": (moment) => `bound on ${moment}`,
  "user.used": (moment) => `last used on ${moment}`,
  "user.not_used": "not used yet",
  "user.codes_left": (left) =>
    left === 0 ? "none left" : `${count(left, "code", "codes")} left`,
  "user.reset_authenticators": "Reset second factors",
  "user.reset_authenticators_title": (name) => `Reset the second factors of ${name}?`,
  "user.reset_authenticators_why":
    "All second factors and recovery codes are removed and all sessions end. The next sign-in asks "
    + "to bind anew. Make sure that it is the user who has asked for this.",
  "user.authenticators_are_reset": (name, number) =>
    `${begin(number, "authenticator", "authenticators")} of ${name} removed.`,
  "user.request_reset": "Ask for a reset",
  "user.request_reset_title": (name) => `Ask for a reset of ${name}'s second factors?`,
  "user.request_reset_why":
    "Removing an administrator's second factors takes two: your request waits for an administrator "
    + "who is neither of you. All administrators are told.",
  "user.reset_is_requested": (name, moment) =>
    `The reset of ${name} waits for another administrator until ${moment}.`,
  "user.extend_grace": "Give time to bind",
  "user.extend_grace_title": (name) => `Give ${name} time to bind?`,
  "user.extend_grace_why":
    "Until then binding a second factor can be put off at a sign-in, if the rules allow it.",
  "user.grace_until": "Until the end of",
  "user.grace_hint": (days) => `At most ${days} days from now.`,
  "user.grace_is_extended": (name, moment) => `${name} may put off binding until ${moment}.`,
  "user.end_grace": "End that time",
  "user.end_grace_title": (name) => `End ${name}'s time to bind?`,
  "user.end_grace_why": "The next sign-in asks to bind at once, if the rules require it.",
  "user.grace_is_ended": (name) => `${name} binds at the next sign-in.`,

  "user.sessions": "Sessions",
  "user.no_sessions": "Signed in nowhere.",
  "user.this_session": "this session",
  "user.one_factor": "password alone",
  "user.two_factors": "two factors",
  "user.by_service": (caller) => `opened by ${caller}`,
  "user.signed_in": (moment) => `signed in on ${moment}`,
  "user.until": (moment) => `until ${moment}`,
  "user.end_session": "End",
  "user.end_session_named": (title, moment) => `End the session of ${title} of ${moment}`,
  "user.end_session_title": (name) => `End this session of ${name}?`,
  "user.end_session_why": "Whoever uses it has to sign in again.",
  "user.session_is_ended": "The session has ended.",
  "user.end_sessions": "End all sessions",
  "user.end_sessions_title": (name) => `End all sessions of ${name}?`,
  "user.end_sessions_why": "All sessions and sign-ins under way end at once, everywhere.",
  "user.sessions_are_ended": (name) => `All sessions of ${name} have ended.`,

  "user.devices": "Trusted devices",
  "user.no_devices": "No device is trusted.",
  "user.trusted": (moment) => `trusted since ${moment}`,
  "user.forget_device": "Forget",
  "user.forget_device_named": (title, moment) => `Forget ${title}, trusted since ${moment}`,
  "user.forget_device_title": (name) => `Forget this device of ${name}?`,
  "user.forget_device_why":
    "A second factor is asked for on it again, and the sessions that it opened end.",
  "user.device_is_forgotten": "The device is trusted no more.",
  "user.forget_devices": "Forget all devices",
  "user.forget_devices_title": (name) => `Forget all trusted devices of ${name}?`,
  "user.forget_devices_why":
    "A second factor is asked for on each of them again, and the sessions that they opened end.",
  "user.devices_are_forgotten": (number) =>
    `${begin(number, "device is", "devices are")} trusted no more.`,

  "user.account": "Account",
  "user.unlock": "Unlock",
  "user.unlock_title": (name) => `Unlock ${name}?`,
  "user.unlock_why":
    "Failures are forgotten and tries are allowed again. Make sure that it was really the user who "
    + "failed.",
  "user.is_unlocked": (name, number) =>
    `${begin(number, "authenticator", "authenticators")} of ${name} unlocked.`,
  "user.still_disabled": (number) =>
    `${begin(number, "second factor", "second factors")} still disabled: a reset makes room for `
    + "new ones.",
  "user.reset_password": "Reset password",
  "user.reset_password_title": (name) => `Reset the password of ${name}?`,
  "user.reset_password_why":
    "The old password stops working and all sessions end. You are shown an initial "
    + "password that you hand over.",
  "user.password_is_reset": (name) => `The password of ${name} is reset.`,
  "user.invite_again": "Invite again",
  "user.invite_again_title": (name) => `Invite ${name} again?`,
  "user.invite_again_why":
    "Another link to choose a password is sent by e-mail. The one before works no more. Whoever "
    + "has chosen a password already cannot be invited.",
  "user.is_invited": (email, moment) => `A link was sent to ${email}. It works until ${moment}.`,
  "user.give_role": "Make administrator",
  "user.give_role_title": (name) => `Make ${name} an administrator?`,
  "user.give_role_why":
    "Administrators see and change everybody's accounts and all settings. All sessions end now.",
  "user.give_role_done": (name) => `${name} is an administrator.`,
  "user.take_role": "Take the administrator's role",
  "user.take_role_title": (name) => `Take the administrator's role from ${name}?`,
  "user.take_role_why": "The user stays, without these pages. All sessions end now.",
  "user.take_role_done": (name) => `${name} is no administrator any more.`,
  "user.disable": "Disable",
  "user.disable_title": (name) => `Disable ${name}?`,
  "user.disable_why": "Sign-ins will be refused and all sessions end now. Nothing is lost.",
  "user.disable_done": (name) => `${name} is disabled.`,
  "user.enable": "Enable",
  "user.enable_title": (name) => `Enable ${name}?`,
  "user.enable_why": "The user can sign in again, with what is bound.",
  "user.enable_done": (name) => `${name} is enabled.`,
  "user.erase": "Erase",
  "user.erase_title": (name) => `Erase ${name} for good?`,
  "user.erase_why":
    "The account, its second factors and everything that is known of the user are deleted for "
    + "good; the audit keeps an identifier without a name. There is no way back. Give no name in "
    + "the reason.",
  "user.erase_name": (name) => `Type ${name} to go on`,
  "user.erase_differs": "This is not the user name.",
  "user.is_erased": (name) => `${name} is erased.`,
};
