// What stands on every page, and what others count with.

/** “één poging”, “3 pogingen”. */
export const count = (number, one, many) =>
  number === 1 ? `één ${one}` : `${number} ${many}`;

/** “Eén poging”, where a sentence begins with it. */
export const begin = (number, one, many) =>
  number === 1 ? `Eén ${one}` : `${number} ${many}`;

export const sentences = {
  product: "Dubbelslot",
  page_title: (page) => `${page} – Dubbelslot`,

  between_sentences: " ",
  language: "Taal",

  "nav.label": "Pagina’s",
  "nav.account": "Je account",
  "nav.overview": "Overzicht",
  "nav.two_factor": "Tweestapsverificatie",
  "nav.versions": "Versies",
  "nav.verifiers": "Verificatiemethoden",
  "nav.users": "Gebruikers",
  "nav.locked": "Geblokkeerde accounts",
  "nav.audit": "Auditlog",
  "nav.skip": "Naar de inhoud",

  sign_out: "Afmelden",
  signed_in_as: (name) => `Aangemeld als ${name}`,
  cancel: "Annuleren",
  close: "Sluiten",
  copy: "Kopiëren",
  copied: "Gekopieerd.",
  not_copied: "De browser laat deze pagina niet kopiëren. Selecteer de tekst zelf.",
  more: "Meer tonen",
  "away.again": "Opnieuw proberen",
  loading: "Een ogenblik…",
  reason: "Reden",
  "reason.hint": "Die wordt in de auditlog bewaard.",
  password: "Wachtwoord",
  "password.reveal": "Laat zien wat ik typ",
  attempts_left: (left) => `Je hebt nog ${count(left, "poging", "pogingen")}.`,
  retry_after: (seconds) =>
    seconds < 120
      ? `Probeer het over ${count(seconds, "seconde", "seconden")} opnieuw.`
      : `Probeer het over ${Math.ceil(seconds / 60)} minuten opnieuw.`,
};
