// Wat er gevraagd wordt van een gebruiker die wordt aangemaakt of gewijzigd, en zijn eerste
// wachtwoord.

export const sentences = {
  "person.user_name": "Gebruikersnaam",
  "person.user_name_hint": "1 tot 50 tekens, zonder @ < > / of aanhalingstekens.",
  "person.display_name": "Naam",
  "person.email": "E-mailadres",
  "person.phone": "Telefoonnummer",
  "person.phone_hint": "Met landnummer, zoals +31201234567.",
  "person.locale": "Taal van berichten",
  "person.locale_usual": "Zoals hier gebruikelijk",
  "person.administrator": "Beheerder",
  "person.initial_password": "Eerste wachtwoord",
  "person.initial_password_title": (name) => `Eerste wachtwoord van ${name}`,
  "person.initial_password_why":
    "Je ziet het alleen deze keer. Het werkt voor één aanmelding binnen zeven dagen.",
};
