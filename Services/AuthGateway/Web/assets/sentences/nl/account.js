// De eigen pagina van een gebruiker.

import { count } from "./every-page.js";

export const sentences = {
  "account.title": "Je account",
  "account.contents": "Op deze pagina",
  "account.save": "Opslaan",

  "profile.title": "Profiel",
  "profile.user_name": "Gebruikersnaam",
  "profile.display_name": "Naam",
  "profile.display_name_hint":
    "Hoe je hier en in mails wordt genoemd. Laat je dit leeg, dan is het je gebruikersnaam.",
  "profile.email": "E-mailadres",
  "profile.phone": "Telefoonnummer",
  "profile.locale": "Taal van mails",
  "profile.locale_usual": "Zoals hier gebruikelijk",
  "profile.locale_hint": "De taal van deze pagina’s kies je onderaan elke pagina.",
  "profile.edit": "Bewerken",
  "profile.edit_named": "Profiel bewerken",
  "profile.edit_title": "Je profiel",
  "profile.is_changed": "Je profiel is gewijzigd.",

  "authenticators.title": "Authenticators",
  "authenticators.why": "Waarmee je, naast je wachtwoord, kunt bewijzen dat jij het bent.",
  "authenticators.none":
    "Er is geen verificatiemethode beschikbaar. Je beheerder kan er een instellen.",
  "authenticators.bound": (moment) => `Gekoppeld op ${moment}`,
  "authenticators.used": (moment) => `Laatst gebruikt op ${moment}`,
  "authenticators.never_used": "Nog niet gebruikt",
  "authenticators.not_bound": "Niet gekoppeld",
  "authenticators.another": "Je kunt nog een apparaat koppelen.",
  "authenticators.disabled": "Uitgeschakeld",
  "authenticators.disabled_why":
    "Uitgeschakeld na te veel foute codes. Vraag je beheerder om een reset.",
  "authenticators.bind": "Koppelen",
  "authenticators.bind_named": (title) => `Koppelen: ${title}`,
  "authenticators.bind_title": (title) => `Koppelen: ${title}`,
  "authenticators.is_bound": (title) => `${title} is gekoppeld.`,
  "authenticators.rename": "Naam wijzigen",
  "authenticators.rename_named": (title) => `Naam wijzigen: ${title}`,
  "authenticators.rename_title": (title) => `Naam wijzigen: ${title}`,
  "authenticators.name": "Naam",
  "authenticators.name_hint": "Waaraan je hem herkent, zoals “grijze telefoon”. Mag leeg blijven.",
  "authenticators.is_renamed": "De naam is gewijzigd.",
  "authenticators.unbind": "Ontkoppelen",
  "authenticators.unbind_named": (title) => `Ontkoppelen: ${title}`,
  "authenticators.unbind_title": (title) => `Ontkoppelen: ${title}`,
  "authenticators.unbind_why":
    "Bewijs met een gekoppelde authenticator dat jij het bent. Je andere sessies worden "
    + "beëindigd en geen enkel apparaat wordt nog vertrouwd.",
  "authenticators.is_unbound": (title) => `${title} is ontkoppeld.`,

  "recovery.section": "Herstelcodes",
  "recovery.left": (left) =>
    left === 0
      ? "Je hebt er geen meer."
      : `Je hebt nog ${count(left, "code", "codes")} over.`,
  "recovery.few": "Dat zijn er weinig. Maak nieuwe zolang je nog kunt bewijzen dat jij het bent.",
  "recovery.make": "Nieuwe maken",
  "recovery.make_title": "Nieuwe herstelcodes maken?",
  "recovery.make_why": "De codes die je nu hebt, werken dan niet meer.",

  current_password: "Huidig wachtwoord",
  "change_password.title": "Wachtwoord",
  "change_password.why":
    "Je andere sessies worden beëindigd en geen enkel apparaat wordt nog vertrouwd.",
  "change_password.submit": "Wachtwoord wijzigen",
  "change_password.done": "Je wachtwoord is gewijzigd en je andere sessies zijn beëindigd.",

  "amr.pwd": "wachtwoord",
  "amr.otp": "eenmalige code",
  "amr.sms": "sms",
  "amr.pop": "passkey",
  "amr.other": "een ander bewijs",

  "sessions.title": "Sessies",
  "sessions.why": "Waar je nu bent aangemeld.",
  "sessions.alone": "Je bent nergens anders aangemeld.",
  "sessions.current": "Deze sessie",
  "sessions.proved": (methods) => `Bewezen met ${methods}`,
  "sessions.by_caller": (service) => `Geopend via ${service}`,
  "sessions.opened": (moment) => `Begonnen op ${moment}`,
  "sessions.used": (moment) => `laatst gebruikt op ${moment}`,
  "sessions.until": (moment) => `eindigt uiterlijk op ${moment}`,
  "sessions.end": "Beëindigen",
  "sessions.end_named": (title, moment) =>
    `Beëindigen: sessie van ${title}, begonnen op ${moment}`,
  "sessions.is_ended": "De sessie is beëindigd.",
  "sessions.end_others": "Alle andere beëindigen",
  "sessions.end_others_title": "Alle andere sessies beëindigen?",
  "sessions.end_others_why":
    "Alle sessies behalve deze eindigen meteen, en geen enkel apparaat wordt nog vertrouwd.",
  "sessions.others_are_ended": "Je andere sessies zijn beëindigd.",

  "devices.title": "Vertrouwde apparaten",
  "devices.why":
    "Hierop is het wachtwoord alleen genoeg, als je beheerder dat toestaat. Vergeet apparaten die "
    + "je niet meer gebruikt.",
  "devices.none": "Je vertrouwt geen enkel apparaat.",
  "devices.current": "Dit apparaat",
  "devices.trusted": (day) => `Vertrouwd sinds ${day}`,
  "devices.until": (day) => `tot ${day}`,
  "devices.used": (moment) => `Laatst gebruikt op ${moment}`,
  "devices.forget": "Vergeten",
  "devices.forget_named": (title, day) => `Vergeten: ${title}, vertrouwd sinds ${day}`,
  "devices.is_forgotten": "Het apparaat wordt niet meer vertrouwd.",
  "devices.forget_all": "Alle vergeten",
  "devices.forget_all_title": "Alle vertrouwde apparaten vergeten?",
  "devices.forget_all_why":
    "Op al deze apparaten wordt weer om de tweede factor gevraagd, en sessies die er dankzij het "
    + "vertrouwen zijn geopend, eindigen. Deze sessie gaat door.",
  "devices.all_are_forgotten": "Geen enkel apparaat wordt nog vertrouwd.",

  "events.title": "Recente activiteit",
  "events.why": "Wat er met je account is gebeurd, het nieuwste eerst.",
  "events.none": "Er is nog niets gebeurd.",
  "events.by_other": "door een beheerder",
  "events.because": (event) => `reden: ${event}`,
  "events.striking": "Was jij dit?",

  "not_me.title": "Was jij dit niet?",
  "not_me.why":
    "Zie je hier of in een mail iets wat je niet zelf hebt gedaan, dan is er misschien iemand "
    + "anders in je account. Met één druk op de knop is dat voorbij.",
  "not_me.report": "Dat was ik niet",
  "not_me.ask_title": "Dit gaat er gebeuren",
  "not_me.sessions": "Al je sessies eindigen meteen, ook deze.",
  "not_me.devices": "Alle browsers worden vergeten en geen enkel apparaat wordt nog vertrouwd.",
  "not_me.password":
    "Als je je weer aanmeldt, bewijs je je tweede factor en kies je daarna een nieuw wachtwoord.",
  "not_me.told": "Je krijgt er bericht van per mail, als we je adres hebben.",
  "not_me.submit": "Alles beëindigen",
  "not_me.done_title": "Alle sessies zijn beëindigd",
  "not_me.done":
    "Wie er in je account was, is eruit. Meld je nu aan en kies een nieuw wachtwoord dat je "
    + "nergens anders gebruikt.",
  "not_me.mail": "Er is een mail hierover naar je onderweg.",
  "not_me.no_mail": "Er kon geen mail hierover worden verstuurd. Vertel het je beheerder.",
  "not_me.advice":
    "Kijk daarna naar je authenticators: ontkoppel wat je niet kent en maak nieuwe herstelcodes.",

  "erasure.title": "Account verwijderen",
  "erasure.why": "Verwijdert alles wat hier van je is bewaard. Niemand kan dat ongedaan maken.",
  "erasure.by_another":
    "Je bent beheerder: een andere beheerder moet dit doen, zodat er iemand overblijft.",
  "erasure.open": "Mijn account verwijderen",
  "erasure.ask_title": "Je account verwijderen?",
  "erasure.ask_why": "Dit is voorgoed. Niemand kan het terughalen.",
  "erasure.profile": "Je naam, je adressen en je wachtwoord verdwijnen.",
  "erasure.factors": "Je authenticators en herstelcodes verdwijnen.",
  "erasure.sessions":
    "Al je sessies eindigen meteen, en geen enkel apparaat wordt nog vertrouwd.",
  "erasure.audit":
    "Van wat er gebeurde blijft een aantekening, onder een nummer dat voor niemand meer staat.",
  "erasure.name": (name) => `Typ je gebruikersnaam om door te gaan: ${name}`,
  "erasure.name_differs": "Dit is niet je gebruikersnaam.",
  "erasure.submit": "Voorgoed verwijderen",
  "erasure.done_title": "Je account is verwijderd",
  "erasure.done": "Er werkt niets meer van. Je kunt deze pagina sluiten.",

  "farewell.sign_in": "Naar het aanmelden",
};
