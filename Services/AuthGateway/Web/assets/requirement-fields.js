// What a rule asks, or what is asked of everybody before any rule: as fields of a form, and what
// those say. Each may be left as it is, which says nothing on its part.

import { durationField, secondsOf } from "./durations.js";
import { field, make, tick } from "./elements.js";
import { numberText, text } from "./sentences.js";

/** As the policy service keeps to them. `usual` is what holds where nobody says anything. */
const lengths = [
  {
    name: "sessionSeconds",
    key: "asked_for.session",
    unit: "hour",
    least: 300,
    most: 2_592_000,
    usual: 86_400,
  },
  {
    name: "idleSeconds",
    key: "asked_for.idle",
    unit: "minute",
    least: 60,
    most: 2_592_000,
    usual: 3600,
  },
  {
    name: "stepUpSeconds",
    key: "asked_for.step_up",
    unit: "minute",
    least: 60,
    most: 3600,
    usual: 300,
  },
];
const passwordLength = { least: 8, most: 64 };

/**
 * `nothing` is what is chosen where nothing is said on the second factor; `usual(seconds)` tells
 * what holds for a length of time that is left empty.
 */
export function requirementFields(asked, nothing, usual) {
  return [
    select(text("asked_for.level"), "level", asked.enforcement, [
      ["", nothing],
      ["optional", text("level.optional")],
      ["required", text("level.required")],
      ...(asked.enforcement === "off" ? [["off", text("level.off")]] : []),
    ]),
    tick(text("asked_for.phishing_resistant"), {
      type: "checkbox",
      name: "strong",
      checked: asked.strength === "phishing_resistant",
    }),
    field(text("asked_for.grace"), {
      name: "graceUntil",
      type: "datetime-local",
      value: asked.graceUntil && localTime(asked.graceUntil),
      hint: text("asked_for.grace_hint"),
    }),
    ...lengths.map(({ name, key, unit, least, most, usual: seconds }) =>
      durationField(text(key), {
        name, unit, least, most, seconds: asked[name], empty: usual(seconds),
      }),
    ),
    field(text("asked_for.password"), {
      name: "passwordLengthMin",
      type: "number",
      min: passwordLength.least,
      max: passwordLength.most,
      step: 1,
      value: asked.passwordLengthMin,
      inputmode: "numeric",
      autocomplete: "off",
      hint: text(
        "asked_for.password_hint",
        numberText(passwordLength.least),
        numberText(passwordLength.most),
      ),
    }),
  ];
}

function select(label, name, chosen = "", options) {
  const made = options.map(([value, shown]) =>
    make("option", { value, selected: value === chosen }, shown),
  );
  return field(label, { tag: "select", name }, ...made);
}

/**
 * What the fields say; `before` is what was asked until now. Where nothing was changed it stays
 * as it was, to the letter.
 */
export function requirementsOf(data, before) {
  const weak = before.strength === "any" ? "any" : undefined;
  const asked = {
    ...before,
    enforcement: data.level || undefined,
    strength: data.strong ? "phishing_resistant" : weak,
    graceUntil: momentOf(data.graceUntil, before.graceUntil),
    passwordLengthMin: data.passwordLengthMin ? Number(data.passwordLengthMin) : undefined,
  };
  for (const { name } of lengths) asked[name] = secondsOf(data, name);
  return asked;
}

/** What a field for a date and a time shows of a moment: to the minute, in one's own time zone. */
function localTime(timestamp) {
  const moment = new Date(timestamp);
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

function momentOf(typed, before) {
  if (!typed) return undefined;
  return before && localTime(before) === typed ? before : new Date(typed).toISOString();
}
