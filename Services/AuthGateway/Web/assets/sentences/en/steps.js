// What comes after the first step of a sign-in.

import { count } from "./every-page.js";

export const sentences = {
  "hand_over.title": "On to the page that you wanted",

  "sign_in.cancel": "Cancel the sign-in",
  "sign_in.canceled": "The sign-in was cancelled.",

  "sign_up.title": "Create an account",
  "sign_up.why": "Enter your e-mail address. A link to go on is sent there.",
  "sign_up.submit": "Send the link",
  "sign_up.sent_title": "Check your mail",
  "sign_up.sent": (email) =>
    `A mail is on its way to ${email}. Its link works for a day. Nothing there after some `
    + "minutes? Look in the spam folder, then try again.",
  "sign_up.back": "Back to the sign-in",
  "sign_up.make_title": "Create your account",
  "sign_up.user_name": "User name",
  "sign_up.user_name_hint":
    "You sign in with it. At most 50 characters, without @ < > / or quotation marks.",
  "sign_up.display_name": "Name",
  "sign_up.display_name_hint": "What you are called. May be left empty.",
  "sign_up.make": "Create the account",
  "sign_up.done": "Your account is ready. You can sign in now.",

  "forgotten.title": "Forgotten password",
  "forgotten.why": "A link to choose a new password is sent to the e-mail address of the account.",
  "forgotten.submit": "Send the link",
  "forgotten.sent":
    "If there is such an account with an e-mail address, a link is on its way. It works for 30 "
    + "minutes.",

  "reset.why":
    "You sign in with it from now on. You are signed out everywhere; your second factor stays.",
  "reset.hint":
    "At least 15 characters, or 8 where you are asked for a second factor. Any are allowed: a few "
    + "words make a good password.",
  "reset.submit": "Save",
  "reset.done": "The password is changed. You can sign in with it now.",

  "bind.title": "Set up two-factor authentication",
  "bind.why":
    "Your account needs a second factor besides the password. Set one up to sign in.",

  "verify.title": "Two-factor authentication",
  "verify.submit": "Verify",
  "verify.trust": (days) =>
    days === 0 ? "Trust this device" : `Trust this device for ${count(days, "day", "days")}`,
  "verify.trust_hint":
    "Then the password alone is enough here. Choose this only on a device that nobody else uses.",

  "new_password.title": "Choose a new password",
  "new_password.why": "Your initial password was good for this one sign-in.",
  "new_password.submit": "Save and sign in",

  "expired.title": "Time is up",
  "expired.why": "Two-factor authentication has expired, please sign in again.",
  "expired.again": "Sign in again",
};
