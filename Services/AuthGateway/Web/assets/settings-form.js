// The settings as one form, but for the rules: who is asked, what serves, what holds for everybody,
// from where, how often, and what stands before weaker settings.

import { durationText } from "./durations.js";
import { field, make, tick, titleOf } from "./elements.js";
import { limitFields, limitsOf } from "./limits.js";
import { networksField, networksOf } from "./networks.js";
import { requirementFields, requirementsOf } from "./requirement-fields.js";
import { numberText, text } from "./sentences.js";

/** As the policy service keeps to it; how long it is where nobody says anything. */
const delay = { most: 72, usual: 24 };

const lists = [
  { name: "denied", key: "networks.denied", hint: "networks.denied_hint", most: 128 },
  { name: "allowed", key: "networks.allowed", hint: "networks.allowed_hint", most: 32 },
  {
    name: "administratorsFrom",
    key: "networks.administrators",
    hint: "networks.administrators_hint",
    most: 32,
  },
];

const place = (name) => document.getElementById(name);

/** Puts what the settings say into the form. */
export function fillForm(form, { enforcement, verifiers = [], book }, known) {
  form.elements.enforcement.value = enforcement;
  place("verifiers").replaceChildren(...verifierBoxes(verifiers, known));
  place("base").replaceChildren(
    trust(book.base),
    ...requirementFields(book.base, text("level.above"), (usual) =>
      text("asked_for.usual", durationText(usual)),
    ),
  );
  place("networks").replaceChildren(
    ...lists.map(({ name, key, hint, most }) =>
      networksField(text(key), {
        name, most, hint: text(hint), networks: book.networks?.[name],
      }),
    ),
  );
  place("limits").replaceChildren(...limitFields(book.limits));
  place("protection").replaceChildren(...protectionFields(book.protection));
}

function verifierBoxes(chosen, known) {
  if (known.length === 0) return [make("p", {}, text("two_factor.no_verifiers"))];
  return known.map((it) =>
    tick(titleOf(it), {
      type: "checkbox",
      name: "verifier",
      value: it.uid,
      checked: chosen.includes(it.uid),
    }),
  );
}

function trust({ trustedDevices }) {
  return tick(text("asked_for.trust"), {
    type: "checkbox",
    name: "trust",
    checked: trustedDevices === true,
  });
}

function protectionFields({ delayHours, secondAdministrator } = {}) {
  return [
    field(text("protection.delay"), {
      name: "delayHours",
      type: "number",
      min: 0,
      max: delay.most,
      step: 1,
      value: delayHours,
      inputmode: "numeric",
      autocomplete: "off",
      hint: text("protection.delay_hint", numberText(delay.most), numberText(delay.usual)),
    }),
    tick(text("protection.second"), {
      type: "checkbox",
      name: "secondAdministrator",
      checked: secondAdministrator === true,
    }),
  ];
}

/** What the form says, with the rules beside it; `before` are the settings that were read. */
export function readForm(form, rules, before) {
  const data = new FormData(form);
  const fields = Object.fromEntries(data);
  const { base } = before.book;
  const untrusted = base.trustedDevices === undefined ? undefined : false;
  return {
    enforcement: fields.enforcement,
    verifiers: data.getAll("verifier"),
    book: {
      ...before.book,
      base: {
        ...requirementsOf(fields, base),
        trustedDevices: fields.trust ? true : untrusted,
      },
      rules,
      protection: protectionOf(fields),
      networks: networkListsOf(fields),
      limits: limitsOf(fields),
    },
  };
}

function protectionOf({ delayHours, secondAdministrator }) {
  if (!delayHours && !secondAdministrator) return undefined;
  return {
    delayHours: delayHours ? Number(delayHours) : undefined,
    secondAdministrator: secondAdministrator ? true : undefined,
  };
}

function networkListsOf(fields) {
  const said = lists.map(({ name }) => [name, networksOf(fields[name])]);
  const kept = said.filter(([, networks]) => networks.length > 0);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** How much is said in each of the parts that are closed at first. */
export function countSaid({ book }) {
  const count = (said = {}) =>
    Object.values(said).filter((it) => it !== undefined && it !== false).length;
  return {
    base: count(book.base),
    networks: Object.values(book.networks ?? {}).flat().length,
    limits: count(book.limits),
    protection: count(book.protection),
  };
}
