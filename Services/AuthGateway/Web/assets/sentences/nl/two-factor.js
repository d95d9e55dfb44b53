// Instellingen en regels voor tweestapsverificatie.

import { begin, count } from "./every-page.js";

/** “1 zou”, “3 zouden”. */
const would = (number) => (number === 1 ? "zou" : "zouden");

/** Voor wie een regel is; elk van deze is leeg waar de regel er niets over zegt. */
function whom(roles, users, from, except, by) {
  const everybody = roles ? `Alle ${roles}` : "Iedereen";
  const who = users && roles ? `${users} (voor zover bij de ${roles})` : users || everybody;
  const where = [from && ` vanuit ${from}`, except && ` van overal behalve ${except}`];
  return [who, ...where, by && ` bij aanmelden met ${by}`].filter(Boolean).join("");
}

export const sentences = {
  "two_factor.title": "Tweestapsverificatie",
  "two_factor.enforcement": "Aan wie een tweede factor wordt gevraagd",
  "two_factor.administrators": "Beheerders",
  "two_factor.everyone": "Iedereen: verplicht tweestapsverificatie voor alle gebruikers",
  "two_factor.verifiers": "Met welke verificatiemethoden",
  "two_factor.verifiers_hint":
    "Minstens één. Wie er nog geen heeft gekoppeld, moet dat bij het aanmelden doen.",
  "two_factor.no_verifiers": "Er is nog geen verificatiemethode.",
  "two_factor.manage": "Verificatiemethoden beheren",
  "two_factor.save_title": "Opslaan",
  "two_factor.submit": "Opslaan",
  "two_factor.unsaved": "Er zijn wijzigingen die nog niet zijn opgeslagen.",
  "two_factor.saved": "De instellingen gelden nu.",
  "two_factor.waits":
    "Hierdoor wordt er minder gevraagd, dus het wacht: op zijn tijd, of op een andere beheerder.",
  "two_factor.said": (number) => (number === 0 ? "niets ingesteld" : `${number} ingesteld`),
  "two_factor.meanwhile": (name) =>
    `${name || "Iemand"} heeft intussen deze wijzigingen opgeslagen. Wat je had ingevuld, staat er `
    + "nog, bovenop die wijzigingen: kijk het na en sla het opnieuw op.",
  "two_factor.nobody_left":
    "Met deze instellingen zou geen enkele beheerder zich nog kunnen aanmelden, dus ze "
    + "worden niet opgeslagen. Probeer ze uit om te zien waarom.",
  "two_factor.no_second":
    "Er moet een tweede beheerder zijn die kan goedkeuren: niemand anders kan zich aanmelden.",
  "two_factor.last": "Laatste wijziging",
  "two_factor.version": "Versie",
  "two_factor.changed_at": "Datum",
  "two_factor.changed_by": "Door",
  "two_factor.reason": "Reden",
  "two_factor.no_reason": "Hiermee is de installatie begonnen.",
  "two_factor.versions": "Alle versies",

  "first_start.title": "Nog één stap: een tweede factor voor iedereen",
  "first_start.why":
    "Je hebt nu een tweede factor. Die wordt tot nu toe alleen aan beheerders gevraagd.",
  "first_start.try":
    "Druk op de knop: die kiest “Iedereen” en probeert dat met alle gebruikers uit.",
  "first_start.look": "Kijk wie het raakt. Van uitproberen verandert er niets.",
  "first_start.save": "Druk op Opslaan, onder aan de pagina.",
  "first_start.go": "Iedereen kiezen en uitproberen",
  "first_start.reason": "Vanaf de eerste dag een tweede factor voor iedereen",
  "first_start.done_title": "Aan iedereen wordt een tweede factor gevraagd",
  "first_start.done":
    "Wie zich vanaf nu aanmeldt, koppelt er eerst een. Maak nu gebruikers aan, of nodig ze uit.",
  "first_start.users": "Naar de gebruikers",
  "first_start.overview": "Overzicht",

  "pending.title": "In afwachting",
  "pending.explanation":
    "Door deze wijzigingen wordt er minder gevraagd. Tot ze gelden, kun je ze nog intrekken.",
  "pending.weakens": (parts) => `Er wordt minder gevraagd: ${parts}`,
  "pending.since": (name, when) => `Aangevraagd door ${name} op ${when}`,
  "pending.reason": (reason) => `Reden: ${reason}`,
  "pending.until": (when) => `Geldt vanzelf op ${when}, of zodra een beheerder het goedkeurt`,
  "pending.second": "Het wacht tot een andere beheerder het goedkeurt.",
  "pending.own": "Je hebt het zelf aangevraagd, dus een andere beheerder moet het goedkeuren.",
  "pending.approve": "Goedkeuren",
  "pending.approve_title": "Deze wijziging goedkeuren?",
  "pending.approve_why":
    "Ze geldt dan meteen, voor iedereen, en alle beheerders krijgen er bericht van. Wie goedkeurt, "
    + "is minstens een dag beheerder.",
  "pending.approved": "De wijziging is goedgekeurd en geldt nu.",
  "pending.withdraw": "Intrekken",
  "pending.withdraw_title": "Deze wijziging intrekken?",
  "pending.withdraw_why": "Ze gaat dan nooit gelden. Wie haar toch wil, vraagt haar opnieuw aan.",
  "pending.withdrawn": "De wijziging is ingetrokken.",
  "pending.too_many":
    "Er wachten al te veel wijzigingen. Keur er een goed of trek er een in, en sla dan opnieuw op.",

  "rules.title": "Regels",
  "rules.explanation":
    "Een regel vraagt meer van sommigen. Van alle regels die bij een aanmelding passen, geldt per "
    + "onderdeel het strengste; geen regel maakt iets zwakker.",
  "rules.none": "Er is geen regel. Wat hierboven staat, geldt voor iedereen gelijk.",
  "rules.add": "Regel toevoegen",
  "rule.whom": whom,
  "rule.begins": (who) => `${who}:`,
  "rule.sentence": (who, asked) => `${who}: ${asked}.`,
  "rule.between": "; ",
  "rule.is_new": "nieuw",
  "rule.is_changed": "gewijzigd",
  "rule.is_gone": "weggehaald",
  "rule.edit": "Bewerken",
  "rule.edit_named": (name) => `Regel ${name} bewerken`,
  "rule.remove": "Weghalen",
  "rule.remove_named": (name) => `Regel ${name} weghalen`,
  "rule.put_back": "Terugzetten",
  "rule.put_back_named": (name) => `Regel ${name} terugzetten`,
  "rule.add_title": "Een nieuwe regel",
  "rule.edit_title": (name) => `Regel ${name}`,
  "rule.add": "Bij de regels zetten",
  "rule.change": "Regel wijzigen",
  "rule.name": "Naam van de regel",
  "rule.name_hint": "Letters, cijfers, _ en -, zoals kantoor of team-financien.",
  "rule.name_taken": "Er is al een regel met deze naam.",
  "rule.description": "Beschrijving",
  "rule.description_hint": "Voor mensen. Mag leeg blijven.",
  "rule.for": "Voor wie",
  "rule.for_hint":
    "Wat leeg blijft, past bij iedereen. Binnen één onderdeel is één treffer genoeg; alle "
    + "onderdelen moeten passen.",
  "rule.users": "Deze gebruikers",
  "rule.networks": "Vanuit deze netwerken",
  "rule.except_networks": "Van overal behalve deze netwerken",
  "rule.methods": "Bij aanmelden met",
  "rule.asks": "Wat er gevraagd wordt",
  "rule.asks_hint": "Wat leeg blijft, is zoals voor iedereen.",

  "role.administrator": "beheerders",
  "method.password": "een wachtwoord",
  "method.passkey": "alleen een passkey",
  "method.single_sign_on": "single sign-on",
  "enforced.administrators": "beheerders",
  "enforced.everyone": "iedereen",
  "level.none": "Niet meer dan van iedereen",
  "level.above": "Zoals hierboven gekozen",
  "level.off": "niets",
  "level.optional": "Gevraagd aan wie er een heeft gekoppeld",
  "level.required": "Bewijzen of koppelen is verplicht",
  "strength.any": "alles",
  "strength.phishing_resistant": "alleen passkeys",

  "asked.nothing": "er wordt niets gevraagd",
  "asked.denied": "mag zich niet aanmelden",
  "asked.off": "er wordt geen tweede factor gevraagd",
  "asked.optional": "een tweede factor wordt gevraagd waar er een gekoppeld is",
  "asked.required": "een tweede factor is verplicht: bewijzen of koppelen",
  "asked.verifiers": (titles) => `alleen met ${titles}`,
  "asked.phishing_resistant": "alleen met passkeys, die tegen phishing bestand zijn",
  "asked.grace": (when) => `koppelen mag worden uitgesteld tot ${when}`,
  "asked.trust": "een vertrouwd apparaat vervangt de tweede factor",
  "asked.no_trust": "geen vertrouwd apparaat vervangt de tweede factor",
  "asked.session": (time) => `sessies eindigen uiterlijk na ${time}`,
  "asked.idle": (time) => `ongebruikte sessies eindigen na ${time}`,
  "asked.step_up": (time) => `voor ingrijpende wijzigingen is na ${time} een nieuw bewijs nodig`,
  "asked.password": (number) => `nieuwe wachtwoorden hebben minstens ${number} tekens`,

  "asked_for.level": "Tweede factor",
  "asked_for.phishing_resistant": "Alleen passkeys, die tegen phishing bestand zijn",
  "asked_for.grace": "Koppelen mag worden uitgesteld tot",
  "asked_for.grace_hint":
    "Voor wie nog niets heeft gekoppeld. Zonder datum wordt het meteen gevraagd.",
  "asked_for.session": "Een sessie eindigt uiterlijk na",
  "asked_for.idle": "Een ongebruikte sessie eindigt na",
  "asked_for.step_up": "Voor ingrijpende wijzigingen is een nieuw bewijs nodig na",
  "asked_for.password": "Kortste nieuwe wachtwoord",
  "asked_for.password_hint": (least, most) =>
    `Tekens, ${least} tot ${most}. Leeg: niet meer dan elk wachtwoord nodig heeft.`,
  "asked_for.nothing": "Leeg: zoals voor iedereen.",
  "asked_for.usual": (time) => `Leeg: ${time}.`,
  "asked_for.verifiers": "Alleen met deze verificatiemethoden",
  "asked_for.trust": "Vertrouwde apparaten mogen de tweede factor vervangen",
  "asked_for.no_trust": "Geen vertrouwd apparaat vervangt de tweede factor",
  "asked_for.denied": "Ze mogen zich helemaal niet aanmelden",

  "base.title": "Voor iedereen",
  "base.explanation": "Wat voor iedereen geldt, nog vóór enige regel.",

  "networks.title": "Netwerken",
  "networks.explanation": "Vanwaar mensen zich mogen aanmelden. Leeg: van overal.",
  "networks.denied": "Niemand vanuit deze netwerken",
  "networks.denied_hint": "Ook niet als een andere lijst hen toelaat.",
  "networks.allowed": "Iedereen alleen vanuit deze netwerken",
  "networks.allowed_hint": "Dat van jou moet erbij zijn.",
  "networks.administrators": "Beheerders alleen vanuit deze netwerken",
  "networks.administrators_hint": "Ook hun sessies werken alleen daar.",
  "networks.hint": (most) =>
    `Eén per regel: een adres, of een bereik zoals 192.0.2.0/24. Hoogstens ${most}.`,
  "networks.invalid": (typed) => `“${typed}” is geen netwerk. Schrijf het als 192.0.2.0/24.`,
  "networks.too_many": (most) => `Hoogstens ${most} netwerken.`,

  "limits.title": "Grenzen",
  "limits.explanation":
    "Hoeveel er geprobeerd en verstuurd mag worden. Wat de installatie toestaat is het meeste; "
    + "hier kan het minder zijn.",
  "limits.bounds": (least, most) => `${least} tot ${most}. Leeg: zoals de installatie het heeft.`,
  "limits.tries": "Foute pogingen",
  "limits.network": "Vanuit één netwerk",
  "limits.together": "Alles bij elkaar",
  "limits.messages": "Berichten met codes",
  "limit.password_failures": "Foute wachtwoorden tot het wachtwoord wordt uitgeschakeld",
  "limit.code_failures": "Foute codes tot de authenticator wordt uitgeschakeld",
  "limit.resting_from": "Eerste foute poging waarop een pauze volgt",
  "limit.rest_seconds": "De eerste pauze, in seconden",
  "limit.rest_seconds_max": "De langste pauze, in seconden",
  "limit.network_calls_burst": "Aanroepen tegelijk",
  "limit.network_calls_per_minute": "Aanroepen per minuut",
  "limit.network_passwords_burst": "Aanmeldingen tegelijk",
  "limit.network_passwords_per_minute": "Aanmeldingen per minuut",
  "limit.passwords_burst": "Aanmeldingen van allen tegelijk",
  "limit.passwords_per_minute": "Aanmeldingen van allen per minuut",
  "limit.messages_per_user": "Per uur voor één gebruiker",
  "limit.messages_per_receiver": "Per uur naar één nummer of adres",
  "limit.messages_per_country": "Per uur naar één land",
  "limit.messages_per_minute": "Per minuut in totaal",
  "limit.messages_per_hour": "Per uur in totaal",

  "protection.title": "Voordat zwakkere instellingen gelden",
  "protection.explanation":
    "Een wijziging waardoor er minder wordt gevraagd, wacht, en alle beheerders krijgen er bericht "
    + "van: zo kan een gestolen sessie geen bescherming ongezien weghalen.",
  "protection.delay": "Zoveel uur wacht ze",
  "protection.delay_hint": (most, usual) =>
    `0 tot ${most}. Leeg: ${usual}, en geen enkel op de eerste dag van de installatie.`,
  "protection.second": "Ze wacht op de goedkeuring van een andere beheerder, hoe lang ook",

  "dry_run.title": "Probeer het eerst uit",
  "dry_run.explanation":
    "Van iedereen wordt de volgende aanmelding nagespeeld met wat hierboven staat. Daarvan "
    + "verandert er niets.",
  "dry_run.address": "Alsof iedereen vanaf dit adres komt",
  "dry_run.address_hint": "Leeg: vanaf waar jij bent.",
  "dry_run.start": "Uitproberen",
  "dry_run.stop": "Stoppen",
  "dry_run.runs": (number) =>
    number === 0 ? "Bezig…" : `Bezig… ${count(number, "gebruiker", "gebruikers")} tot nu toe.`,
  "dry_run.done": (number) => `Uitgeprobeerd met ${count(number, "gebruiker", "gebruikers")}.`,
  "dry_run.stopped": "Gestopt.",
  "dry_run.stale": "Na het uitproberen zijn de instellingen hierboven nog gewijzigd.",
  "dry_run.result": (number) => `Wat het doet voor ${count(number, "gebruiker", "gebruikers")}`,
  "dry_run.nobody": "Er verandert voor niemand iets.",
  "dry_run.nobody_left":
    "Geen enkele beheerder zou zich nog kunnen aanmelden: zulke instellingen worden niet "
    + "opgeslagen.",
  "dry_run.touched": (number) =>
    `Voor ${count(number, "gebruiker", "gebruikers")} verandert er iets`,
  "dry_run.user": "Gebruiker",
  "dry_run.now": "Nu",
  "dry_run.then": "Straks",
  "prospects.locked_out": (number) => `${number} ${would(number)} zich niet kunnen aanmelden`,
  "prospects.bind": (number) => `${number} ${would(number)} moeten koppelen`,
  "prospects.grace": (number) => `${number} ${would(number)} het kunnen uitstellen`,
  "prospects.verify": (number) => `${number} ${would(number)} de tweede factor moeten bewijzen`,
  "prospects.session": (number) => `${number} ${would(number)} genoeg hebben aan het wachtwoord`,
  "prospect.locked_out": "zou zich niet kunnen aanmelden",
  "prospect.bind": "moet koppelen",
  "prospect.grace": "mag het uitstellen",
  "prospect.verify": "moet de tweede factor bewijzen",
  "prospect.session": "alleen het wachtwoord",
  "own.locked_out": "Jijzelf zou je niet meer kunnen aanmelden.",
  "own.bind": "Jijzelf zou moeten koppelen.",
  "own.grace": "Jijzelf zou het koppelen kunnen uitstellen.",
  "own.verify": "Aan jou zou een tweede factor worden gevraagd die je hebt.",
  "own.session": "Jijzelf zou genoeg hebben aan je wachtwoord.",

  "part.enforcement": "aan wie het gevraagd wordt",
  "part.verifiers": "verificatiemethoden",
  "part.strength": "sterkte",
  "part.grace": "uitstel",
  "part.trusted_devices": "vertrouwde apparaten",
  "part.session_lifetime": "duur van sessies",
  "part.session_idle": "ongebruikte sessies",
  "part.step_up": "verse bewijzen",
  "part.password_length": "lengte van wachtwoorden",
  "part.denied": "geweigerde aanmeldingen",
  "part.protection": "bescherming tegen zwakkere instellingen",
  "part.networks": "netwerken",
  "part.limits": "grenzen",
  "field.description": "beschrijving",
  "field.roles": "rollen",
  "field.users": "gebruikers",
  "field.networks": "vanuit netwerken",
  "field.except_networks": "van overal behalve",
  "field.methods": "aanmelden met",
  "field.level": "tweede factor",
  "field.delay": "wachttijd van zwakkere instellingen",
  "field.second_administrator": "voor zwakkere instellingen is een andere beheerder nodig",
  "differences.title": "Verschillen",
  "differences.what": "Wat",
  "differences.before": "Ervoor",
  "differences.after": "Erna",
  "differences.none": "Ze zeggen hetzelfde.",
  "differences.more": "Er zijn meer verschillen dan hier staan.",
  "differences.nothing": "niets ingesteld",
  "differences.no_rule": "zo’n regel was er niet",
  "differences.rule": (name, field) => (field ? `Regel ${name}: ${field}` : `Regel ${name}`),
  "answer.yes": "ja",
  "answer.no": "nee",

  "duration.unit": (label) => `Eenheid van: ${label}`,
  "duration.bounds": (least, most) => `Van ${least} tot ${most}.`,
  "person.erased": "iemand die is gewist",
  "choice.find": "Zoeken",
  "choice.found": (number) =>
    number === 0
      ? "Niemand heet zo."
      : `${begin(number, "gebruiker", "gebruikers")} gevonden.`,
  "choice.hint": (most) => `Zoek op het begin van een naam. Hoogstens ${most}.`,
  "choice.add": (name) => `${name} toevoegen`,
  "choice.remove": (name) => `${name} weglaten`,
};
