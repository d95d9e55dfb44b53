// Binding and proving: the same while signing in and inside a session.

import { count } from "./every-page.js";

export const sentences = {
  new_password: "Nieuw wachtwoord",
  "new_password.hint": (least) =>
    `Minstens ${least} tekens. Alle tekens mogen: een paar woorden zijn samen een goed wachtwoord.`,
  code: "Code",
  "code.hint": "De zes cijfers die je authenticator-app nu laat zien.",

  "bind.which": "Wat wil je gebruiken?",
  "bind.scan": "Scan deze QR-code met je authenticator-app.",
  "bind.qr": "QR-code met de sleutel",
  "bind.key": "Of typ de sleutel over in de app:",
  "bind.open": "Openen in een app op dit apparaat",
  "bind.enter": "Typ de code die de app laat zien.",
  "bind.submit": "Koppelen",
  "bind.passkey":
    "Een passkey staat op dit apparaat, je telefoon of een beveiligingssleutel. Je opent hem zoals "
    + "je die opent.",
  "bind.passkey_submit": "Passkey maken",

  "passkey.name": "Naam",
  "passkey.name_hint": "Hoe je het apparaat noemt, zoals “grijze laptop”. Mag leeg blijven.",

  "bind.other": "Deze soort kan hier niet worden ingesteld.",

  "message.phone": "Telefoonnummer",
  "message.phone_hint":
    "Het begint met + en het landnummer, zoals +31612345678. Er worden codes naartoe gestuurd.",
  "message.email": "E-mailadres",
  "message.send": "Code sturen",
  "message.send_again": "Nog een code sturen",
  "message.sent": (receiver, digits) =>
    `Er is een code van ${digits} cijfers gestuurd naar ${receiver}. Die werkt vijf minuten.`,
  "message.wait": (seconds) =>
    `Over ${count(seconds, "seconde", "seconden")} kan er nog een code worden gestuurd.`,
  "message.code_hint": "De laatste die je hebt gekregen.",
  "message.change_phone": "Ander nummer",
  "message.change_email": "Ander adres",

  "verify.which": "Bewijs dat jij het bent met",
  "verify.passkey": "Je browser vraagt om de passkey als je verdergaat.",

  "recovery.title": "Je herstelcodes",
  "recovery.why":
    "Elke code werkt één keer in plaats van een authenticator die je kwijt bent. Je ziet ze alleen "
    + "nu: bewaar ze waar je ze ook zonder je telefoon terugvindt.",
  "recovery.list": "Herstelcodes",
  "recovery.download": "Downloaden",
  "recovery.print": "Afdrukken",
  "recovery.kept": "Ik heb ze bewaard",
  "recovery.use": "Een herstelcode gebruiken",
  "recovery.use_other": "Een authenticator gebruiken",
  "recovery.code": "Herstelcode",
  "recovery.code_hint": "Zestien letters en cijfers. Elke code werkt één keer.",

  "proof.title": "Ben jij het?",
  "proof.why": "Voor deze wijziging bewijs je nog eens met een authenticator dat jij het bent.",
  "proof.password_why": "Voor deze wijziging geef je nog eens je wachtwoord.",
  "proof.submit": "Bevestigen",
  "proof.sign_in_title": "Meld je opnieuw aan",
  "proof.sign_in_why": "Je bent te lang geleden aangemeld om dit te wijzigen.",
  "proof.sign_in": "Opnieuw aanmelden",

  "type.password": "Wachtwoord",
  "type.totp": "Authenticator-app",
  "type.sms": "Sms",
  "type.email": "E-mail",
  "type.passkey": "Passkey",
  "type.recovery": "Herstelcodes",
};
