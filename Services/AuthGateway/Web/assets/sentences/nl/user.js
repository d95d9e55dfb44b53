// Eén gebruiker, zoals een beheerder hem ziet.

import { begin, count } from "./every-page.js";

export const sentences = {
  "user.title": "Gebruiker",
  "user.back": "Alle gebruikers",
  "user.own": "Dit is je eigen account. Wat je hier kunt doen, doet een andere beheerder bij jou.",
  "user.own_page": "Je account",
  "user.administrator": "beheerder",
  "user.is_bound": "tweede factor gekoppeld",
  "user.is_not_bound": "geen tweede factor",
  "user.is_locked": "geblokkeerd",
  "user.is_disabled": "uitgeschakeld",

  "user.facts": "Profiel",
  "user.created": "Aangemaakt op",
  "user.last_sign_in": "Laatst aangemeld",
  "user.never_signed_in": "nog nooit",
  "user.id": "Kenmerk",
  "user.audit": "Wat er gebeurd is",
  "user.edit": "Bewerken",
  "user.edit_title": (name) => `${name} bewerken`,
  "user.edit_why":
    "Ook met een e-mailadres of telefoonnummer kun je je aanmelden; meldingen gaan daarheen.",
  "user.edit_submit": "Opslaan",
  "user.is_edited": (name) => `Het profiel van ${name} is opgeslagen.`,

  "user.authenticators": "Tweede factoren",
  "user.no_authenticators": "Er is niets gekoppeld.",
  "user.authenticator_disabled": "uitgeschakeld na te veel foute pogingen",
  "user.bound": (moment) => `gekoppeld op ${moment}`,
  "user.used": (moment) => `laatst gebruikt op ${moment}`,
  "user.not_used": "nog niet gebruikt",
  "user.codes_left": (left) =>
    left === 0 ? "geen codes over" : `nog ${count(left, "code", "codes")} over`,
  "user.reset_authenticators": "Tweede factoren resetten",
  "user.reset_authenticators_title": (name) => `De tweede factoren van ${name} resetten?`,
  "user.reset_authenticators_why":
    "Alle tweede factoren en herstelcodes worden verwijderd en alle sessies eindigen. Bij de "
    + "volgende aanmelding moet er opnieuw gekoppeld worden. Controleer of de gebruiker hier "
    + "echt zelf om vraagt.",
  "user.authenticators_are_reset": (name, number) =>
    `${begin(number, "authenticator", "authenticators")} van ${name} verwijderd.`,
  "user.request_reset": "Reset aanvragen",
  "user.request_reset_title": (name) => `Een reset van de tweede factoren van ${name} aanvragen?`,
  "user.request_reset_why":
    "De tweede factoren van een beheerder verwijderen doe je met zijn tweeën: je verzoek wacht op "
    + "een beheerder die geen van jullie beiden is. Alle beheerders krijgen bericht.",
  "user.reset_is_requested": (name, moment) =>
    `De reset van ${name} wacht tot ${moment} op een andere beheerder.`,
  "user.extend_grace": "Uitstel geven",
  "user.extend_grace_title": (name) => `${name} uitstel geven?`,
  "user.extend_grace_why":
    "Tot die dag mag het koppelen van een tweede factor bij het aanmelden worden uitgesteld, als "
    + "de regels uitstel kennen.",
  "user.grace_until": "Tot en met",
  "user.grace_hint": (days) => `Hoogstens ${days} dagen vanaf nu.`,
  "user.grace_is_extended": (name, moment) => `${name} mag het koppelen uitstellen tot ${moment}.`,
  "user.end_grace": "Uitstel beëindigen",
  "user.end_grace_title": (name) => `Het uitstel van ${name} beëindigen?`,
  "user.end_grace_why":
    "Bij de volgende aanmelding moet er meteen gekoppeld worden, als de regels dat willen.",
  "user.grace_is_ended": (name) => `${name} koppelt bij de volgende aanmelding.`,

  "user.sessions": "Sessies",
  "user.no_sessions": "Nergens aangemeld.",
  "user.this_session": "deze sessie",
  "user.one_factor": "alleen wachtwoord",
  "user.two_factors": "twee factoren",
  "user.by_service": (caller) => `geopend door ${caller}`,
  "user.signed_in": (moment) => `aangemeld op ${moment}`,
  "user.until": (moment) => `tot ${moment}`,
  "user.end_session": "Beëindigen",
  "user.end_session_named": (title, moment) =>
    `De sessie met ${title} van ${moment} beëindigen`,
  "user.end_session_title": (name) => `Deze sessie van ${name} beëindigen?`,
  "user.end_session_why": "Wie die gebruikt, moet zich opnieuw aanmelden.",
  "user.session_is_ended": "De sessie is beëindigd.",
  "user.end_sessions": "Alle sessies beëindigen",
  "user.end_sessions_title": (name) => `Alle sessies van ${name} beëindigen?`,
  "user.end_sessions_why":
    "Alle sessies en aanmeldingen die nog lopen, eindigen meteen en overal.",
  "user.sessions_are_ended": (name) => `Alle sessies van ${name} zijn beëindigd.`,

  "user.devices": "Vertrouwde apparaten",
  "user.no_devices": "Er is geen apparaat vertrouwd.",
  "user.trusted": (moment) => `vertrouwd sinds ${moment}`,
  "user.forget_device": "Vergeten",
  "user.forget_device_named": (title, moment) => `${title}, vertrouwd sinds ${moment}, vergeten`,
  "user.forget_device_title": (name) => `Dit apparaat van ${name} vergeten?`,
  "user.forget_device_why":
    "Er wordt daar weer om een tweede factor gevraagd, en de sessies die ermee geopend zijn "
    + "eindigen.",
  "user.device_is_forgotten": "Het apparaat wordt niet meer vertrouwd.",
  "user.forget_devices": "Alle apparaten vergeten",
  "user.forget_devices_title": (name) => `Alle vertrouwde apparaten van ${name} vergeten?`,
  "user.forget_devices_why":
    "Op elk ervan wordt weer om een tweede factor gevraagd, en de sessies die ermee geopend zijn "
    + "eindigen.",
  "user.devices_are_forgotten": (number) =>
    number === 1
      ? "Eén apparaat wordt niet meer vertrouwd."
      : `${number} apparaten worden niet meer vertrouwd.`,

  "user.account": "Account",
  "user.unlock": "Deblokkeren",
  "user.unlock_title": (name) => `${name} deblokkeren?`,
  "user.unlock_why":
    "De foute pogingen worden vergeten en nieuwe zijn weer toegestaan. Controleer of het de "
    + "gebruiker zelf was die zich vergiste.",
  "user.is_unlocked": (name, number) =>
    `${begin(number, "authenticator", "authenticators")} van ${name} gedeblokkeerd.`,
  "user.still_disabled": (number) =>
    `${begin(number, "tweede factor blijft", "tweede factoren blijven")} uitgeschakeld: een reset `
    + "maakt plaats voor nieuwe.",
  "user.reset_password": "Wachtwoord resetten",
  "user.reset_password_title": (name) => `Het wachtwoord van ${name} resetten?`,
  "user.reset_password_why":
    "Het oude wachtwoord werkt niet meer en alle sessies eindigen. Je krijgt een eerste wachtwoord "
    + "te zien dat je doorgeeft.",
  "user.password_is_reset": (name) => `Het wachtwoord van ${name} is gereset.`,
  "user.invite_again": "Opnieuw uitnodigen",
  "user.invite_again_title": (name) => `${name} opnieuw uitnodigen?`,
  "user.invite_again_why":
    "Er gaat een nieuwe link per e-mail om een wachtwoord te kiezen. De vorige werkt dan niet "
    + "meer. Wie al een wachtwoord heeft gekozen, kan niet worden uitgenodigd.",
  "user.is_invited": (email, moment) =>
    `Er is een link naar ${email} gestuurd. Die werkt tot ${moment}.`,
  "user.give_role": "Beheerder maken",
  "user.give_role_title": (name) => `${name} beheerder maken?`,
  "user.give_role_why":
    "Beheerders zien en wijzigen alle accounts en alle instellingen. Alle sessies eindigen nu.",
  "user.give_role_done": (name) => `${name} is nu beheerder.`,
  "user.take_role": "Beheerdersrol afnemen",
  "user.take_role_title": (name) => `De beheerdersrol van ${name} afnemen?`,
  "user.take_role_why": "De gebruiker blijft, zonder deze pagina’s. Alle sessies eindigen nu.",
  "user.take_role_done": (name) => `${name} is geen beheerder meer.`,
  "user.disable": "Uitschakelen",
  "user.disable_title": (name) => `${name} uitschakelen?`,
  "user.disable_why":
    "Aanmeldingen worden geweigerd en alle sessies eindigen nu. Er gaat niets verloren.",
  "user.disable_done": (name) => `${name} is uitgeschakeld.`,
  "user.enable": "Inschakelen",
  "user.enable_title": (name) => `${name} inschakelen?`,
  "user.enable_why": "De gebruiker kan zich weer aanmelden, met wat er gekoppeld is.",
  "user.enable_done": (name) => `${name} is ingeschakeld.`,
  "user.erase": "Wissen",
  "user.erase_title": (name) => `${name} voorgoed wissen?`,
  "user.erase_why":
    "Het account, de tweede factoren en alles wat er van de gebruiker bekend is, gaan voorgoed "
    + "weg; de auditlog houdt een kenmerk zonder naam. Er is geen weg terug. Noem geen naam in "
    + "de reden.",
  "user.erase_name": (name) => `Typ ${name} om door te gaan`,
  "user.erase_differs": "Dit is niet de gebruikersnaam.",
  "user.is_erased": (name) => `${name} is gewist.`,
};
