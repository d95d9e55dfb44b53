// Networks: an address, or a range in CIDR form, as the protocol takes them. A slip is told beside
// what was typed, before anything is sent.

import { field } from "./elements.js";
import { text } from "./sentences.js";

/** A field for networks, one a line, `most` of them. */
export function networksField(label, { name, networks = [], most, hint }) {
  const part = field(
    label,
    {
      tag: "textarea",
      name,
      rows: 2,
      hint: told(hint, most),
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
    },
    networks.join("\n"),
  );
  const typed = part.querySelector("textarea");
  typed.addEventListener("input", () => typed.setCustomValidity(mistakeIn(typed.value, most)));
  return part;
}

function told(hint, most) {
  return [hint, text("networks.hint", most)].filter(Boolean).join(text("between_sentences"));
}

/** What such a field says. */
export function networksOf(typed) {
  return typed.split(/[\s,;]+/u).filter(Boolean);
}

/** Empty where there is none. */
function mistakeIn(typed, most) {
  const networks = networksOf(typed);
  const wrong = networks.find((it) => !isNetwork(it));
  if (wrong !== undefined) return text("networks.invalid", wrong);
  return networks.length > most ? text("networks.too_many", most) : "";
}

/** A range has nothing behind its prefix: whoever writes 10.1.2.3/8 may mean another one. */
export function isNetwork(typed) {
  const [address, prefix, ...rest] = typed.split("/");
  const bytes = bytesOf(address);
  if (!bytes || rest.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^(0|[1-9]\d{0,2})$/u.test(prefix) || Number(prefix) > bytes.length * 8) return false;
  return bytes.every((byte, index) => {
    const kept = Math.min(Math.max(Number(prefix) - index * 8, 0), 8);
    return (byte & (0xff >> kept)) === 0;
  });
}

/** Of an address of either kind; undefined for anything else. */
function bytesOf(address) {
  return address.includes(":") ? bytesOfLong(address) : bytesOfShort(address);
}

function bytesOfShort(address) {
  const parts = address.split(".");
  const isRight = parts.length === 4 && parts.every((it) => /^(0|[1-9]\d{0,2})$/u.test(it));
  const bytes = parts.map(Number);
  return isRight && bytes.every((it) => it < 256) ? bytes : undefined;
}

function bytesOfLong(address) {
  const sides = address.split("::");
  if (sides.length > 2) return undefined;
  const [before, after] = sides.map(groupsOf);
  if (!before || (sides.length === 2 && !after)) return undefined;
  const left = 16 - before.length - (after?.length ?? 0);
  if (after ? left < 2 : left !== 0) return undefined;
  return [...before, ...Array(left).fill(0), ...(after ?? [])];
}

/** The bytes of some groups, the last of which may be a short address. */
function groupsOf(side) {
  if (side === "") return [];
  const bytes = [];
  const groups = side.split(":");
  for (const [index, group] of groups.entries()) {
    const short = index === groups.length - 1 && group.includes(".") && bytesOfShort(group);
    if (short) bytes.push(...short);
    else if (/^[0-9a-f]{1,4}$/iu.test(group)) bytes.push(...halves(parseInt(group, 16)));
    else return undefined;
  }
  return bytes;
}

const halves = (word) => [word >> 8, word & 0xff];
