// The first step of a sign-in.

export const sentences = {
  "sign_in.title": "Aanmelden",
  "sign_in.identifier": "Gebruikersnaam, e-mailadres of telefoonnummer",
  "sign_in.submit": "Aanmelden",
  "sign_in.passkey": "Aanmelden met een passkey",
  "sign_in.signed_out": "Je bent afgemeld.",
  "sign_in.needed": "Meld je eerst aan.",

  "away.title": "Aanmelden kan nu even niet",

  "sign_up.open": "Een account maken",
  "forgotten.open": "Wachtwoord vergeten?",
};
