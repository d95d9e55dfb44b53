// De gebruikers.

import { begin } from "./every-page.js";

export const sentences = {
  "users.title": "Gebruikers",
  "users.search": "Zoeken",
  "users.search_hint":
    "Waar de gebruikersnaam, het e-mailadres of het telefoonnummer mee begint.",
  "users.only": "Tonen",
  "users.only_all": "Alle gebruikers",
  "users.only_bound": "Met een tweede factor",
  "users.only_not_bound": "Zonder tweede factor",
  "users.only_locked": "Geblokkeerd",
  "users.only_disabled": "Uitgeschakeld",
  "users.only_administrators": "Beheerders",
  "users.find": "Zoeken",
  "users.none": "Er zijn geen gebruikers die passen.",
  "users.found": (number, more) =>
    more
      ? `De eerste ${number} gebruikers worden getoond.`
      : `${begin(number, "gebruiker", "gebruikers")} gevonden.`,
  "users.administrator": "beheerder",
  "users.is_bound": "tweede factor gekoppeld",
  "users.is_not_bound": "geen tweede factor",
  "users.is_locked": "geblokkeerd",
  "users.is_disabled": "uitgeschakeld",
  "users.last_sign_in": (moment) => `laatst aangemeld op ${moment}`,
  "users.never_signed_in": "nog nooit aangemeld",
  "users.create": "Gebruiker aanmaken",
  "users.create_why":
    "Je krijgt een eerste wachtwoord te zien dat je doorgeeft. Het werkt voor één aanmelding.",
  "users.create_submit": "Aanmaken",
  "users.created": (name) => `${name} is aangemaakt.`,
  "users.invite": "Gebruiker uitnodigen",
  "users.invite_why":
    "De gebruiker krijgt per e-mail een link en kiest zelf een wachtwoord. Jij krijgt het niet "
    + "te zien.",
  "users.invite_submit": "Uitnodigen",
  "users.invited": (name, email, moment) =>
    `${name} is uitgenodigd: er is een link naar ${email} gestuurd. Die werkt tot ${moment}.`,
  "users.invite_again": "Opnieuw uitnodigen",
  "users.invite_again_named": (name) => `${name} opnieuw uitnodigen`,
  "users.invite_again_title": (name) => `${name} opnieuw uitnodigen?`,
  "users.invite_again_why":
    "Er gaat een nieuwe link per e-mail. De vorige werkt dan niet meer. Wie al een wachtwoord "
    + "heeft gekozen, kan niet worden uitgenodigd.",
};
