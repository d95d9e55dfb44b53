// Geblokkeerde accounts, en resets die op een andere beheerder wachten.

import { begin, count } from "./every-page.js";

export const sentences = {
  "locked.title": "Geblokkeerde accounts en resets",
  "locked.accounts": "Geblokkeerde accounts",
  "locked.why":
    "Na te veel foute pogingen achter elkaar laat een authenticator een tijd lang geen pogingen "
    + "toe, behalve vanuit browsers waarmee de gebruiker zich eerder heeft aangemeld.",
  "locked.none": "Niemand is geblokkeerd.",
  "locked.failed": (number) => count(number, "foute poging", "foute pogingen"),
  "locked.since": (moment) => `de laatste op ${moment}`,
  "locked.until": (moment) => `pogingen zijn weer toegestaan vanaf ${moment}`,
  "locked.disabled": "uitgeschakeld: dat gaat niet vanzelf over",
  "locked.user_disabled": "uitgeschakelde gebruiker",
  "locked.unlock": "Deblokkeren",
  "locked.unlock_named": (name) => `${name} deblokkeren`,
  "locked.unlock_title": (name) => `${name} deblokkeren?`,
  "locked.unlock_why":
    "De foute pogingen worden vergeten en nieuwe zijn weer toegestaan. Controleer of het de "
    + "gebruiker zelf was die zich vergiste.",
  "locked.unlocked": (name, number) =>
    `${begin(number, "authenticator", "authenticators")} van ${name} gedeblokkeerd.`,
  "locked.still_disabled": (number) =>
    `${begin(number, "tweede factor blijft", "tweede factoren blijven")} uitgeschakeld: die kun je `
    + "resetten op de pagina van de gebruiker.",

  "requests.title": "Resets die wachten",
  "requests.why":
    "De tweede factoren van een beheerder worden door twee anderen verwijderd: de een vraagt het "
    + "aan, en een ander dan die twee keurt het goed.",
  "requests.none": "Er wacht niets.",
  "requests.asked": (name, moment) => `aangevraagd door ${name} op ${moment}`,
  "requests.until": (moment) => `wacht tot ${moment}`,
  "requests.reason": (reason) => `Reden: ${reason}`,
  "requests.another": "Een andere beheerder moet dit goedkeuren.",
  "requests.approve": "Goedkeuren",
  "requests.approve_named": (name) => `De reset van ${name} goedkeuren`,
  "requests.approve_title": (name) => `De tweede factoren van ${name} resetten?`,
  "requests.approve_why":
    "Alle tweede factoren en herstelcodes worden verwijderd en alle sessies eindigen. Bij de "
    + "volgende aanmelding moet er opnieuw gekoppeld worden. Controleer of degene om wie het gaat "
    + "dit wil.",
  "requests.approve_done": (name) => `De tweede factoren van ${name} zijn verwijderd.`,
  "requests.refuse": "Afwijzen",
  "requests.refuse_named": (name) => `De reset van ${name} afwijzen`,
  "requests.refuse_title": (name) => `De reset van ${name} afwijzen?`,
  "requests.refuse_why": "Er verandert niets, en niemand kan het verzoek nog goedkeuren.",
  "requests.refuse_done": (name) => `De reset van ${name} is afgewezen.`,
};
