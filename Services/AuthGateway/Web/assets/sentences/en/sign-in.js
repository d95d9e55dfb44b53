// The first step of a sign-in.

export const sentences = {
  "sign_in.title": "Sign in",
  "sign_in.identifier": "User name, e-mail address or phone number",
  "sign_in.submit": "Sign in",
  "sign_in.passkey": "Sign in with a passkey",
  "sign_in.signed_out": "You are signed out.",
  "sign_in.needed": "Please sign in.",

  "away.title": "Signing in is not possible right now",

  "sign_up.open": "Create an account",
  "forgotten.open": "Forgotten password?",
};
