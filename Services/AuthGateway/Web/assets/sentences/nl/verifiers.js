// Verificatiemethoden.

import { begin, count } from "./every-page.js";

export const sentences = {
  "verifiers.title": "Verificatiemethoden",
  "verifiers.why":
    "Wat gebruikers kunnen koppelen. De instellingen voor tweestapsverificatie kiezen eruit.",
  "verifiers.none": "Er is nog geen verificatiemethode.",
  "verifiers.add": "Verificatiemethode toevoegen",
  "verifiers.delete": "Geselecteerde verwijderen",
  "verifiers.select": (title) => `${title} selecteren`,
  "verifiers.select_some": "Selecteer eerst wat je wilt verwijderen.",
  "verifiers.edit": "Bewerken",
  "verifiers.edit_named": (title) => `${title} bewerken`,
  "verifiers.uid": "uid",
  "verifiers.uid_hint": "Letters, cijfers, _ en -. Ligt daarna vast; leeg: willekeurig.",
  "verifiers.type": "Soort",
  "verifiers.name": "Titel",
  "verifiers.description": "Beschrijving",
  "verifiers.issuer": "Uitgever",
  "verifiers.issuer_hint":
    "Wat authenticator-apps bij het account tonen; leeg: de naam van de installatie.",
  "verifiers.user_verification":
    "Het apparaat moet zijn gebruiker controleren, met een pincode of een vinger",
  "verifiers.attestation": "Vraag naar de maker van het apparaat, en controleer wat het verklaart",
  "verifiers.digits": "Cijfers van een code",
  "verifiers.provider": "Aanbieder",
  "verifiers.secret_kept":
    "Het is ingesteld. Laat het leeg om het te houden; bij een ander account of adres is het "
    + "opnieuw nodig.",
  "verifiers.test": "Testen",
  "verifiers.test_named": (title) => `Testbericht sturen met ${title}`,
  "verifiers.test_title": (title) => `Testbericht sturen: ${title}`,
  "verifiers.test_why":
    "Er staat geen echte code in. Wat de aanbieder letterlijk antwoordt, staat in het log van de "
    + "verificatiedienst.",
  "verifiers.test_submit": "Sturen",
  "verifiers.tested": (title, receiver) =>
    `${title} werkt: een testbericht aan ${receiver} is aangenomen om te bezorgen.`,
  "verifiers.bindings": (number) =>
    number === 0 ? "door niemand gekoppeld" : `${count(number, "keer", "keer")} gekoppeld`,
  "verifiers.in_use": "in gebruik bij de tweestapsverificatie",
  "verifiers.in_use_by": (rule) => `in gebruik bij de regel ${rule}`,
  "verifiers.not_in_use": "niet in gebruik",
  "verifiers.add_title": "Verificatiemethode toevoegen",
  "verifiers.edit_title": (title) => `Bewerken: ${title}`,
  "verifiers.save": "Opslaan",
  "verifiers.saved": (title) => `${title} is opgeslagen.`,
  "verifiers.saved_new": (title) =>
    `${title} is opgeslagen. Gebruikers kunnen het koppelen zodra het bij de `
    + "tweestapsverificatie is gekozen.",
  "verifiers.delete_title": (number) =>
    `${begin(number, "verificatiemethode", "verificatiemethoden")} verwijderen?`,
  "verifiers.delete_bindings": (number) =>
    `Gebruikers raken kwijt wat ze hebben gekoppeld: ${count(number, "koppeling", "koppelingen")}.`,
  "verifiers.delete_used": (titles) =>
    `In gebruik, en geweigerd tot het uit de instellingen en regels is gehaald: ${titles}`,
  "verifiers.delete_submit": "Verwijderen",
  "verifiers.deleted": (number, bindings) =>
    (number === 1
      ? "Eén verificatiemethode is verwijderd"
      : `${number} verificatiemethoden zijn verwijderd`)
    + (bindings === 0 ? "." : `, en daarmee ${count(bindings, "koppeling", "koppelingen")}.`),

  "about.totp": "Een app op een telefoon of computer toont elke 30 seconden een nieuwe code.",
  "about.sms":
    "Er wordt een code naar een telefoonnummer gestuurd. Dat kost geld en kan worden onderschept: "
    + "bied er iets sterkers naast.",
  "about.email":
    "Er wordt een code naar een e-mailadres gestuurd. De zwakste soort: wie de mail leest, heeft "
    + "hem.",
  "about.passkey":
    "Bewaard door een apparaat of beveiligingssleutel, en geopend met een pincode of een vinger. "
    + "Bestand tegen phishing.",

  "provider.aliyun": "Alibaba Cloud",
  "provider.tencent": "Tencent Cloud",
  "provider.twilio": "Twilio",
  "provider.webhook": "Een eigen adres (webhook)",
  "provider.sign": "Ondertekening",
  "provider.template": "Sjabloon",
  "provider.endpoint": "Endpoint",
  "provider.usual": (host) => `Een hostnaam; leeg: ${host}.`,

  "aliyun.access_key_id": "AccessKey ID",
  "aliyun.access_key_secret": "AccessKey-geheim",
  "aliyun.template_hint": "De code van een geregistreerd sjabloon met de parameter code.",

  "tencent.secret_id": "SecretId",
  "tencent.secret_key": "SecretKey",
  "tencent.region": "Regio",
  "tencent.region_hint": "Zoals ap-guangzhou.",
  "tencent.application": "Toepassing (SmsSdkAppId)",
  "tencent.template_hint":
    "Het nummer van een geregistreerd sjabloon; de code is de enige parameter.",

  "twilio.account": "Account-SID",
  "twilio.token": "Auth token",
  "twilio.from": "Nummer van de afzender",
  "twilio.from_hint": "Dit, of een berichtendienst.",
  "twilio.service": "SID van de berichtendienst",

  "webhook.url": "URL",
  "webhook.url_hint":
    "Alleen met https. Aanroepen worden ondertekend volgens de Standard Webhooks-specificatie.",
  "webhook.secret": "Geheim",
  "webhook.secret_hint": "whsec_ en 24 tot 64 octetten in base64.",
};
