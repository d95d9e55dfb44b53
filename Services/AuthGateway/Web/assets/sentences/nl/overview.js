// Hoe het ervoor staat, in één oogopslag.

import { begin, count } from "./every-page.js";

const waiting = (number, one, many) => (number === 1 ? one : many);

export const sentences = {
  "overview.title": "Overzicht",
  "overview.as_of": (moment) => `Stand van ${moment}.`,
  "overview.now": "Nu",
  "overview.percent": (number) => `${number}%`,
  "overview.users": "gebruikers",
  "overview.bound": (bound, users) =>
    `${bound === 1 ? "heeft" : "hebben"} een tweede factor gekoppeld: ${bound} van ${users}`,
  "overview.administrators": (number) => waiting(number, "beheerder", "beheerders"),
  "overview.locked": (_) => "geblokkeerd",
  "overview.disabled": (_) => "uitgeschakeld",
  "overview.pending": (number) =>
    waiting(
      number, "wijziging van de instellingen wacht", "wijzigingen van de instellingen wachten",
    ),
  "overview.requests": (number) =>
    waiting(number, "reset wacht", "resets wachten"),

  "enforcement.administrators": "Aan beheerders wordt een tweede factor gevraagd.",
  "enforcement.everyone": "Aan iedereen wordt een tweede factor gevraagd.",

  "overview.adoption": "Gebruik van de tweede factor",
  "overview.adoption_why": "Alle gebruikers, en wie van hen een tweede factor heeft gekoppeld.",
  "overview.adoption_on": (day, bound, users) =>
    `Op ${day} ${bound === 1 ? "had" : "hadden"} ${bound} van de ${users} gebruikers een tweede `
    + "factor gekoppeld.",
  "overview.no_adoption": "Vanaf morgen zie je hier hoe het gebruik groeit.",
  "overview.all_users": "Alle gebruikers",
  "overview.bound_users": "Met een tweede factor",
  "overview.day": "Dag",

  "overview.sign_ins": "Aanmeldingen in de laatste 48 uur",
  "overview.sign_ins_why": "Hoeveel er per uur gelukt en geweigerd zijn.",
  "overview.sign_ins_are": (completed, refused) =>
    `${begin(completed, "aanmelding", "aanmeldingen")} gelukt, ${refused} geweigerd.`,
  "overview.no_sign_ins": "In deze uren heeft nog niemand zich aangemeld.",
  "overview.completed": "Gelukt",
  "overview.refused": "Geweigerd",
  "overview.hour": "Uur",
  "overview.hours_ago": (number) => (number === 0 ? "dit uur" : `${number} uur geleden`),

  "overview.kinds": "Tweede factoren",
  "overview.kinds_why": "Wie meerdere soorten heeft gekoppeld, telt bij elke soort mee.",
  "overview.no_kinds": "Nog niemand heeft een tweede factor gekoppeld.",
  "overview.of_users": (number, percent) =>
    `${count(number, "gebruiker", "gebruikers")} (${percent}%)`,

  "overview.messages": "Berichten",
  "overview.messages_why":
    "Codes gaan per sms en per e-mail, om te koppelen en om te bewijzen: elk daarvan heeft een "
    + "eigen budget, even groot als de andere.",
  "overview.alarm":
    "Van de verstuurde codes worden er weinig gebruikt. Misschien laat iemand op jouw kosten "
    + "berichten versturen: kijk in de auditlog.",
  "overview.sent": (hour, today) =>
    `${begin(hour, "bericht", "berichten")} in het laatste uur, ${today} vandaag.`,
  "overview.budget": "Gebruikt van het volste budget",
  "overview.of_budget": (sent, most) => `${sent} van ${most} per uur`,
  "overview.verified": "Codes die vandaag gebruikt zijn",
  "overview.of_sent": (number, percent) => `${number} (${percent}%)`,

  "chart.numbers": "De cijfers als tabel",
};
