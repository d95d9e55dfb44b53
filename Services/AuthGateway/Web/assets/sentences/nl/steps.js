// What comes after the first step of a sign-in.

import { count } from "./every-page.js";

export const sentences = {
  "hand_over.title": "Verder naar de pagina die je wilde zien",

  "sign_in.cancel": "Aanmelden afbreken",
  "sign_in.canceled": "Het aanmelden is afgebroken.",

  "sign_up.title": "Een account maken",
  "sign_up.why": "Wat is je e-mailadres? Daar sturen we een link heen om verder te gaan.",
  "sign_up.submit": "Link sturen",
  "sign_up.sent_title": "Kijk in je mail",
  "sign_up.sent": (email) =>
    `Er is een mail onderweg naar ${email}. De link daarin werkt een dag. Na een paar minuten `
    + "nog niets? Kijk bij de ongewenste mail en probeer het daarna opnieuw.",
  "sign_up.back": "Terug naar aanmelden",
  "sign_up.make_title": "Maak je account",
  "sign_up.user_name": "Gebruikersnaam",
  "sign_up.user_name_hint":
    "Daarmee meld je je aan. Hoogstens 50 tekens, zonder @ < > / of aanhalingstekens.",
  "sign_up.display_name": "Naam",
  "sign_up.display_name_hint": "Hoe je heet. Mag leeg blijven.",
  "sign_up.make": "Account maken",
  "sign_up.done": "Je account is klaar. Je kunt je er nu mee aanmelden.",

  "forgotten.title": "Wachtwoord vergeten",
  "forgotten.why":
    "Naar het e-mailadres van het account gaat een link om een nieuw wachtwoord te kiezen.",
  "forgotten.submit": "Link sturen",
  "forgotten.sent":
    "Als er zo’n account met een e-mailadres is, dan is er een link onderweg. Die werkt 30 "
    + "minuten.",

  "reset.why":
    "Daarmee meld je je voortaan aan. Waar je nu aangemeld bent, word je afgemeld; een tweede "
    + "factor blijft zoals die is.",
  "reset.hint":
    "Minstens 15 tekens, of 8 als om een tweede factor wordt gevraagd. Alle tekens mogen: een paar "
    + "woorden zijn samen een goed wachtwoord.",
  "reset.submit": "Opslaan",
  "reset.done": "Het wachtwoord is gewijzigd. Je kunt je er nu mee aanmelden.",

  "bind.title": "Tweestapsverificatie instellen",
  "bind.why":
    "Je account wordt behalve met het wachtwoord beveiligd met een tweede factor. Stel die in om "
    + "je aan te melden.",

  "verify.title": "Tweestapsverificatie",
  "verify.submit": "Controleren",
  "verify.trust": (days) =>
    days === 0
      ? "Dit apparaat vertrouwen"
      : `Dit apparaat ${count(days, "dag", "dagen")} vertrouwen`,
  "verify.trust_hint":
    "Het wachtwoord is hier dan genoeg. Kies dit alleen op een apparaat dat niemand anders "
    + "gebruikt.",

  "new_password.title": "Kies een nieuw wachtwoord",
  "new_password.why": "Je eerste wachtwoord was alleen voor deze ene keer.",
  "new_password.submit": "Opslaan en aanmelden",

  "expired.title": "De tijd is om",
  "expired.why": "De tweestapsverificatie is verlopen. Meld je opnieuw aan.",
  "expired.again": "Opnieuw aanmelden",
};
