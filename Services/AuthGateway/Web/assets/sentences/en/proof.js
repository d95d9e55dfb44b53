// Binding and proving: the same while signing in and inside a session.

import { count } from "./every-page.js";

export const sentences = {
  new_password: "New password",
  "new_password.hint": (least) =>
    `At least ${least} characters. Any are allowed: a few words make a good password.`,
  code: "Code",
  "code.hint": "The six digits that your authenticator app shows now.",

  "bind.which": "What do you want to use?",
  "bind.scan": "Scan this QR code with your authenticator app.",
  "bind.qr": "QR code with the setup key",
  "bind.key": "Or type the setup key into the app:",
  "bind.open": "Open in an app on this device",
  "bind.enter": "Type the code that the app shows.",
  "bind.submit": "Bind",
  "bind.passkey":
    "A passkey is kept by this device, your phone or a security key. You use it the way you unlock "
    + "that.",
  "bind.passkey_submit": "Create the passkey",

  "passkey.name": "Name",
  "passkey.name_hint": "What you call the device, such as “grey laptop”. May be left empty.",

  "bind.other": "This kind cannot be set up here.",

  "message.phone": "Phone number",
  "message.phone_hint":
    "It begins with + and the country code, as in +31612345678. Codes are sent to it.",
  "message.email": "E-mail address",
  "message.send": "Send a code",
  "message.send_again": "Send another code",
  "message.sent": (receiver, digits) =>
    `A code of ${digits} digits was sent to ${receiver}. It works for five minutes.`,
  "message.wait": (seconds) =>
    `Another code can be sent in ${count(seconds, "second", "seconds")}.`,
  "message.code_hint": "The last one that was sent to you.",
  "message.change_phone": "Change the number",
  "message.change_email": "Change the address",

  "verify.which": "Prove it is you with",
  "verify.passkey": "Your browser asks for the passkey when you go on.",

  "recovery.title": "Your recovery codes",
  "recovery.why":
    "Each of them works once in place of a lost authenticator. They are shown only now: "
    + "keep them where you will find them without your phone.",
  "recovery.list": "Recovery codes",
  "recovery.download": "Download",
  "recovery.print": "Print",
  "recovery.kept": "I have kept them",
  "recovery.use": "Use a recovery code",
  "recovery.use_other": "Use an authenticator",
  "recovery.code": "Recovery code",
  "recovery.code_hint": "Sixteen letters and digits. Each code works once.",

  "proof.title": "Is it you?",
  "proof.why": "Confirm this change: prove one of your authenticators once more.",
  "proof.password_why": "Confirm this change: enter your password once more.",
  "proof.submit": "Prove",
  "proof.sign_in_title": "Sign in again",
  "proof.sign_in_why": "You signed in too long ago to make this change.",
  "proof.sign_in": "Sign in again",

  "type.password": "Password",
  "type.totp": "Authenticator app",
  "type.sms": "Text message",
  "type.email": "E-mail",
  "type.passkey": "Passkey",
  "type.recovery": "Recovery codes",
};
