// How much may be tried and sent, where policy says less than the installation allows anyway.

import { durationText } from "./durations.js";
import { field, make } from "./elements.js";
import { numberText, text } from "./sentences.js";

/** In the order of the protocol, with the bounds that the policy service keeps to. */
export const limits = [
  { name: "passwordFailures", group: "tries", least: 10, most: 100 },
  { name: "codeFailures", group: "tries", least: 5, most: 30 },
  { name: "restingFrom", group: "tries", least: 2, most: 5 },
  { name: "restSeconds", group: "tries", least: 30, most: 600, isTime: true },
  { name: "restSecondsMax", group: "tries", least: 3600, most: 86_400, isTime: true },
  { name: "networkCallsBurst", group: "network", least: 60, most: 100_000 },
  { name: "networkCallsPerMinute", group: "network", least: 60, most: 600_000 },
  { name: "networkPasswordsBurst", group: "network", least: 5, most: 100_000 },
  { name: "networkPasswordsPerMinute", group: "network", least: 2, most: 600_000 },
  { name: "passwordsBurst", group: "together", least: 20, most: 100_000 },
  { name: "passwordsPerMinute", group: "together", least: 20, most: 600_000 },
  { name: "messagesPerUser", group: "messages", least: 1, most: 5 },
  { name: "messagesPerReceiver", group: "messages", least: 1, most: 5 },
  { name: "messagesPerCountry", group: "messages", least: 0, most: 100_000 },
  { name: "messagesPerMinute", group: "messages", least: 1, most: 10_000 },
  { name: "messagesPerHour", group: "messages", least: 1, most: 100_000 },
].map((it) => ({ ...it, key: `limit.${snake(it.name)}` }));

function snake(name) {
  return name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

/** The fields of all of them, in their groups. */
export function limitFields(said = {}) {
  return ["tries", "network", "together", "messages"].map((group) =>
    make(
      "fieldset",
      {},
      make("legend", {}, text(`limits.${group}`)),
      make(
        "div",
        { class: "beside" },
        ...limits.filter((it) => it.group === group).map((it) => limitField(it, said[it.name])),
      ),
    ),
  );
}

function limitField({ name, key, least, most, isTime }, value) {
  const telling = isTime ? durationText : numberText;
  return field(text(key), {
    name,
    type: "number",
    min: least,
    max: most,
    step: 1,
    value,
    inputmode: "numeric",
    autocomplete: "off",
    hint: text("limits.bounds", telling(least), telling(most)),
  });
}

/** What the fields say, each only where something was typed. */
export function limitsOf(data) {
  const typed = limits.filter(({ name }) => data[name]);
  const said = typed.map(({ name }) => [name, Number(data[name])]);
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}
