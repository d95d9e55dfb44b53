// What the pages say. One module a language holds all its sentences, each by a key; here one of
// them is chosen. A further language is a module like `sentences-en.js` and a line in
// `languages`; a sentence is text, or a function of what it tells, so that each language inflects
// in its own way.

const languages = {
  en: () => import("./sentences-en.js"),
};

/** The browser's most wanted language that there is; else English. */
export const language =
  (navigator.languages ?? [])
    .map((tag) => tag.toLowerCase().split("-")[0])
    .find((tag) => Object.hasOwn(languages, tag)) ?? "en";

const { sentences, refusals } = await languages[language]();
document.documentElement.lang = language;

/** The sentence of a key. An unknown key is a mistake of ours. */
export function text(key, ...values) {
  const sentence = sentences[key];
  if (sentence === undefined) throw new Error(`no sentence ${key}`);
  return typeof sentence === "function" ? sentence(...values) : sentence;
}

/** What a person is told of a refusal: by its stable word, never by the server's own text. */
export function refusalText(refusal) {
  const { word, attemptsLeft, retryAfterSeconds } = refusal;
  const parts = [refusals[word] ?? refusals.internal];
  if (attemptsLeft !== undefined) parts.push(text("attempts_left", attemptsLeft));
  if (retryAfterSeconds !== undefined) parts.push(text("retry_after", retryAfterSeconds));
  return parts.join(" ");
}

/** Puts the sentences where the page's markup names them. */
export function fill(root) {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
}

const moment = new Intl.DateTimeFormat(navigator.languages ?? language, {
  dateStyle: "medium",
  timeStyle: "short",
});

/** A moment of the protocol (RFC 3339) as people read it, in their own time zone. */
export function momentText(timestamp) {
  return moment.format(new Date(timestamp));
}
