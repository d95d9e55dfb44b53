// Wat er gebeurd is, voor beheerders.

import { begin, count } from "./every-page.js";

export const sentences = {
  "audit.title": "Auditlog",
  "audit.why":
    "Alles wat er over aanmeldingen, gebruikers en instellingen besloten is, het nieuwste "
    + "eerst. Er kan niets aan veranderd worden.",
  "audit.filter": "Welke regels",
  "audit.from": "Vanaf",
  "audit.until": "Tot",
  "audit.user": "Gebruiker",
  "audit.user_hint": "Gebruikersnaam of kenmerk van wie iets deed, of bij wie iets gedaan is.",
  "audit.service": "Dienst",
  "audit.every_service": "Alle diensten",
  "service.auth": "Gateway",
  "service.verification": "Verificatie",
  "service.policy": "Beleid",
  "audit.kinds": (number) =>
    number === 0 ? "Soorten gebeurtenissen: alle" : `Soorten gebeurtenissen: ${number} gekozen`,
  "audit.show": "Tonen",
  "audit.reset": "Alles tonen",
  "audit.none": "Er zijn geen regels die passen.",
  "audit.found": (number, more) =>
    more
      ? `De nieuwste ${number} regels worden getoond.`
      : `${begin(number, "regel", "regels")} gevonden.`,
  "audit.by": (name) => `door ${name}`,
  "audit.to": (name) => `bij ${name}`,
  "audit.from_source": (source) => `vanaf ${source}`,
  "audit.erased": "een gewiste gebruiker",
  "audit.source": "Herkomst",
  "audit.details": "Details",
  "audit.row": "Regel",
  "audit.event": "Naam van de gebeurtenis",
  "audit.actor": "Kenmerk van wie het deed",
  "audit.subject": "Kenmerk van wie het betreft",
  "audit.trace": "Trace",

  "group.sign_ins": "Aanmeldingen en sessies",
  "group.authenticators": "Authenticators en wachtwoorden",
  "group.users": "Gebruikers",
  "group.settings": "Instellingen en verificatiemethoden",
  "group.messages": "Berichten",
  "group.doors": "Toegang geweigerd",

  "detail.reason": "Reden",
  "detail.because": "Vanwege",
  "detail.approved": "Reden van de goedkeuring",
  "detail.authenticator": "Authenticator",
  "detail.verifier": "Verificatiemethode",
  "detail.verifiers": "Verificatiemethoden",
  "detail.purpose": "Doel",
  "detail.method": "Aanmelding met",
  "detail.provider": "Identiteitsprovider",
  "detail.by": "Geopend door",
  "detail.agent": "Browser",
  "detail.device": "Apparaat",
  "detail.known_device": "Bekende browser",
  "detail.passkey_alone": "Alleen passkey",
  "detail.refusal": "Weigering",
  "detail.host": "Host",
  "detail.fields": "Gewijzigd",
  "detail.roles": "Rollen",
  "detail.until": "Tot",
  "detail.kind": "Soort",
  "detail.left": "Codes over",
  "detail.version": "Versie",
  "detail.enforcement": "Gevraagd aan",
  "detail.rules": "Regels",
  "detail.change": "Wijziging",
  "detail.weakened": "Wat er zwakker wordt",
  "detail.proposed_by": "Aangevraagd door",
  "detail.unlocked": "Gedeblokkeerd",
  "detail.still_disabled": "Nog uitgeschakeld",
  "detail.scope": "Grens",

  "value.sign_in": "aanmelden",
  "value.bind": "koppelen",
  "value.unbind": "ontkoppelen",
  "value.step_up": "opnieuw bewijzen",
  "value.test": "test",
  "value.password": "wachtwoord",
  "value.passkey": "passkey",
  "value.single_sign_on": "single sign-on",
  "value.administrators": "beheerders",
  "value.administrator": "beheerder",
  "value.everyone": "iedereen",
  "value.approved": "het is goedgekeurd",
  "value.waited": "het had lang genoeg gewacht",
  "value.reported_not_me": "“dat was ik niet”",
  "value.display_name": "naam",
  "value.email": "e-mailadres",
  "value.phone": "telefoonnummer",
  "value.locale": "taal van berichten",
  "value.unchanged": "ongewijzigd",
  "value.none": "geen",
  "value.true": "ja",
  "value.false": "nee",

  "export.title": "Exporteren",
  "export.why": (most) =>
    "Wat de filters hierboven kiezen, als bestand met een regel per gebeurtenis; hoogstens "
    + `${most} regels. Er staan namen in: bewaar het zoals de auditlog zelf.`,
  "export.csv": "CSV voor spreadsheets",
  "export.jsonl": "JSON-regels voor programma’s",
  "export.fetched": (number) => `Opgehaalde regels: ${number}`,
  "export.stop": "Stoppen",
  "export.is_done": (number) =>
    number === 0
      ? "Er zijn geen regels die passen."
      : `Het bestand heeft ${count(number, "regel", "regels")}.`,
  "export.is_stopped": "Je hebt het gestopt: oudere regels ontbreken.",
  "export.is_cut": (most) =>
    `Dit zijn de nieuwste ${most}; oudere regels ontbreken. Kies een kortere tijd om ze te `
    + "krijgen.",
  "export.download": (name) => `${name} downloaden`,
};
