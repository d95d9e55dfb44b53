// Signing in.

export const sentences = {
  "hand_over.title": "On to the page that you wanted",

  "sign_in.title": "Sign in",
  "sign_in.identifier": "User name, e-mail address or phone number",
  "sign_in.submit": "Sign in",
  "sign_in.passkey": "Sign in with a passkey",
  "sign_in.cancel": "Cancel the sign-in",
  "sign_in.canceled": "The sign-in was cancelled.",
  "sign_in.signed_out": "You are signed out.",
  "sign_in.needed": "Please sign in.",

  "forgotten.open": "Forgotten password?",
  "forgotten.title": "Forgotten password",
  "forgotten.why": "A link to choose a new one is sent to the e-mail address of the account.",
  "forgotten.submit": "Send the link",
  "forgotten.sent":
    "If there is such an account with an e-mail address, a link is on its way. It works for 30 "
    + "minutes.",

  "reset.why": "All your sessions will end. The second factor stays as it is.",
  "reset.hint":
    "At least 15 characters, or 8 where you are asked for a second factor. Any are allowed: a few "
    + "words make a good password.",
  "reset.submit": "Save",
  "reset.done": "The password is changed. You can sign in with it now.",

  "bind.title": "Set up two-factor authentication",
  "bind.why":
    "Your account is protected by a second factor besides the password. Set it up to sign in.",

  "verify.title": "Two-factor authentication",
  "verify.submit": "Verify",

  "new_password.title": "Choose a new password",
  "new_password.why": "Your initial password was good for this one sign-in.",
  "new_password.submit": "Save and sign in",

  "expired.title": "Time is up",
  "expired.why": "Two-factor authentication has expired, please sign in again.",
  "expired.again": "Sign in again",
};
