// What the pages say. A folder a language holds its sentences, in a module for each part of the
// pages; a page names those that it needs (`data-sentences`), so that none loads what it never
// says. A sentence is text, or a function of what it tells, so that each language inflects in its
// own way. A further language is a folder like `sentences/en` and a line in `languages`.

/** Each in its own words, as it is chosen by. */
export const languages = { en: "English", nl: "Nederlands", zh: "中文" };

/** Where this browser keeps the language that was chosen. */
const choice = "language";

const chosen = chosenLanguage();

/** What was chosen here, else the browser's most wanted that there is. */
export const language =
  [chosen, ...(navigator.languages ?? [])]
    .map((tag) => tag?.toLowerCase().split("-")[0])
    .find((tag) => Object.hasOwn(languages, tag)) ?? "en";

/** Once more, after signing out has cleared all that the browser keeps for the pages. */
export function keepLanguage() {
  if (chosen) keep(chosen);
}

function keep(tag) {
  try {
    localStorage.setItem(choice, tag);
  } catch {
    // Then this is the browser's to decide.
  }
}

/** Null where nothing was chosen, or where the browser keeps nothing for pages. */
function chosenLanguage() {
  try {
    return localStorage.getItem(choice);
  } catch {
    return null;
  }
}

/** Shows this page, and those to come, in another language. */
export function chooseLanguage(tag) {
  keep(tag);
  location.reload();
}

const sentences = {};
const refusals = {};

/** Loads parts of the sentences: those that a page names, or later those of what is shown then. */
export async function loadSentences(...parts) {
  const loaded = await Promise.all(
    parts.map((part) => import(`./sentences/${language}/${part}.js`)),
  );
  for (const part of loaded) {
    Object.assign(sentences, part.sentences);
    Object.assign(refusals, part.refusals);
  }
}

const named = (document.documentElement.dataset.sentences ?? "").split(" ").filter(Boolean);
await loadSentences("every-page", "refusals", ...named);
document.documentElement.lang = language;

/** The sentence of a key. An unknown key is a mistake of ours. */
export function text(key, ...values) {
  const sentence = sentences[key];
  if (sentence === undefined) throw new Error(`no sentence ${key}`);
  return typeof sentence === "function" ? sentence(...values) : sentence;
}

/** The sentence of a word of the protocol; `otherwise` for one that these pages do not know yet. */
export function wordText(key, otherwise) {
  return Object.hasOwn(sentences, key) ? text(key) : otherwise;
}

/** What a person is told of a refusal: by its stable word, never by the server's own text. */
export function refusalText(refusal) {
  const { word, attemptsLeft, retryAfterSeconds } = refusal;
  const told = [refusals[word] ?? refusals.internal];
  if (attemptsLeft !== undefined) told.push(text("attempts_left", attemptsLeft));
  if (retryAfterSeconds !== undefined) told.push(text("retry_after", retryAfterSeconds));
  return told.join(text("between_sentences"));
}

/** Puts the sentences where the page's markup names them: as its text, or as its name. */
export function fill(root) {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", text(element.dataset.label));
  }
}

/** Also tells which country's way of writing dates is wanted, where the browser says so. */
const format =
  navigator.languages?.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;

const moment = new Intl.DateTimeFormat(format, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(format, { dateStyle: "medium" });
const number = new Intl.NumberFormat(format);

/** A moment of the protocol (RFC 3339) as people read it, in their own time zone. */
export function momentText(timestamp) {
  return moment.format(new Date(timestamp));
}

export function dayText(timestamp) {
  return day.format(new Date(timestamp));
}

export function numberText(value) {
  return number.format(value);
}
