// The sections of a page: each says what it fetches and shows, and any may be fetched anew where
// another has changed what it shows.

const loads = new Map();

/** `load` fetches what the section shows, and shows it. */
export function section(name, load) {
  loads.set(name, load);
}

/** Fetches these sections anew; all of them where none is named. */
export async function refresh(...names) {
  const wanted = names.length > 0 ? names : [...loads.keys()];
  await Promise.all(wanted.map((name) => loads.get(name)()));
}
