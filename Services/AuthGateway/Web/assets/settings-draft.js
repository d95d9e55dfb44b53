// Settings that are not saved yet, beside those that were read: what differs, and what becomes of
// them when somebody else was faster.

/** The part of the settings that is a proposal's: what they ask, without who asked for it. */
export function contentOf({ enforcement, verifiers = [], book }) {
  return { enforcement, verifiers, book };
}

/** Whether two values of the protocol say the same: absent and empty are one. */
export function isSame(first, second) {
  return JSON.stringify(canonical(first)) === JSON.stringify(canonical(second));
}

function canonical(value) {
  if (Array.isArray(value)) return value.length > 0 ? value.map(canonical) : undefined;
  if (!isRecord(value)) return value;
  const fields = Object.keys(value)
    .sort()
    .map((name) => [name, canonical(value[name])])
    .filter(([, it]) => it !== undefined);
  return fields.length > 0 ? Object.fromEntries(fields) : undefined;
}

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * What was typed (`mine`), put on top of what somebody else has saved meanwhile (`theirs`); both
 * began with `before`. Where both have changed the same, what was typed stays: its writer sees it
 * before he saves it.
 */
export function rebase(before, mine, theirs) {
  const merged = merge(byName(before), byName(mine), byName(theirs));
  const rules = Object.values(merged.book.rules).filter(Boolean);
  return { ...merged, book: { ...merged.book, rules } };
}

/** Rules have names, so they are looked at one by one. */
function byName(content) {
  const rules = Object.fromEntries((content.book.rules ?? []).map((it) => [it.name, it]));
  return { ...content, book: { ...content.book, rules } };
}

function merge(before, mine, theirs) {
  if (isSame(mine, before)) return theirs;
  if (!isRecord(mine) || !isRecord(theirs)) return mine;
  const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  return Object.fromEntries(
    [...names].map((name) => [name, merge(before?.[name], mine[name], theirs[name])]),
  );
}
