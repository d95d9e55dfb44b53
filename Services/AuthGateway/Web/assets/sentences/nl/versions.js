// Versies van de instellingen voor tweestapsverificatie.

export const sentences = {
  "versions.title": "Versies",
  "versions.explanation":
    "Elke wijziging van de instellingen voor tweestapsverificatie is een versie, en elke versie "
    + "kun je opnieuw laten gelden.",
  "versions.compare_title": "Twee versies vergelijken",
  "versions.from": "Ervoor",
  "versions.to": "Erna",
  "versions.compare": "Vergelijken",
  "versions.between": (from, to) => `Van versie ${from} naar versie ${to}`,
  "versions.list_title": "Alle versies",
  "versions.option": (version, when, name) => `${version}: ${when}, ${name}`,
  "versions.name": (version) => `Versie ${version}`,
  "versions.in_force": "geldt nu",
  "versions.by": (name, when) => `${name}, ${when}`,
  "versions.nobody": "de installatie",
  "versions.no_reason": "Hiermee is de installatie begonnen.",
  "versions.changes": "Wat er veranderde",
  "versions.changes_named": (version) => `Wat er veranderde met versie ${version}`,
  "versions.restore": "Terugzetten",
  "versions.restore_named": (version) => `Versie ${version} terugzetten`,
  "versions.restore_title": (version) => `Versie ${version} terugzetten?`,
  "versions.restore_why": (version) =>
    `Er komt een nieuwe versie die hetzelfde zegt. Dit verandert er ten opzichte van versie `
    + `${version}, die nu geldt:`,
  "versions.restored": (restored, version) =>
    `Versie ${restored} geldt weer, als versie ${version}.`,
  "versions.restore_waits": (restored, version) =>
    `Met versie ${restored} wordt er minder gevraagd, dus ze wacht; versie ${version} blijft `
    + "gelden. Wat er wacht, staat bij de instellingen voor tweestapsverificatie.",
  "versions.more": "Oudere versies tonen",
};
