// Lengths of time: told in words, and asked for as a number and its unit.

import { freshID, make } from "./elements.js";
import { language, text } from "./sentences.js";

/** From the longest; every length of the protocol is whole seconds. */
const units = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3600 },
  { unit: "minute", seconds: 60 },
  { unit: "second", seconds: 1 },
];

/** The longest unit that tells it without a rest. */
const unitOf = (seconds) => units.find((it) => seconds % it.seconds === 0);

/** “8 hours”, in the reader's language. */
export function durationText(seconds) {
  const { unit, seconds: size } = unitOf(seconds);
  const format = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" });
  return format.format(seconds / size);
}

/** “hours”, for a choice of units. */
function unitName(unit) {
  const format = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" });
  const parts = format.formatToParts(2).filter(({ type }) => type === "unit");
  return parts.map(({ value }) => value).join("").trim();
}

/**
 * A field for a length of time that may be left empty, of `least` to `most` seconds; `empty` says
 * what holds then, `unit` is what it is counted in at first.
 */
export function durationField(label, { name, seconds, unit: usual, least, most, empty }) {
  const id = freshID();
  const hintID = freshID();
  const chosen = seconds ? unitOf(seconds) : units.find((it) => it.unit === usual);
  const input = make("input", {
    id,
    name,
    type: "number",
    min: 1,
    step: 1,
    value: seconds === undefined ? undefined : seconds / chosen.seconds,
    inputmode: "numeric",
    autocomplete: "off",
    "aria-describedby": hintID,
  });
  const unit = make(
    "select",
    { name: `${name}Unit`, "aria-label": text("duration.unit", label) },
    ...units
      .filter((it) => it.seconds > 1 || chosen.seconds === 1)
      .map((it) =>
        make("option", { value: it.seconds, selected: it === chosen }, unitName(it.unit)),
      ),
  );
  const bounds = text("duration.bounds", durationText(least), durationText(most));
  const check = () => {
    const typed = Number(input.value) * Number(unit.value);
    const isOut = input.value !== "" && (typed < least || typed > most);
    input.setCustomValidity(isOut ? bounds : "");
  };
  input.addEventListener("input", check);
  unit.addEventListener("change", check);
  return make(
    "div",
    { class: "field" },
    make("label", { for: id }, label),
    make("div", { class: "together" }, input, unit),
    make("p", { class: "hint", id: hintID }, [bounds, empty].join(text("between_sentences"))),
  );
}

/** The seconds that such a field says; undefined for an empty one. */
export function secondsOf(data, name) {
  return data[name] ? Number(data[name]) * Number(data[`${name}Unit`]) : undefined;
}
