// Users by name, where the protocol names them by identifier: each is asked for once.

import { call } from "./calls.js";
import { text } from "./sentences.js";

/** Calls at once: a browser keeps no more open to one host. */
const atOnce = 6;

const names = new Map();

/** Fetches the names of users, so that `nameOf` knows them. */
export async function learnNames(users) {
  const unknown = [...new Set(users)].filter((it) => it && !names.has(it));
  for (let start = 0; start < unknown.length; start += atOnce) {
    await Promise.all(unknown.slice(start, start + atOnce).map(learn));
  }
}

async function learn(user) {
  try {
    keepName(await call("AdminService/GetUser", { user }));
  } catch (refusal) {
    if (refusal.word !== "user_not_found") throw refusal;
    names.set(user, text("person.erased"));
  }
}

/** Of a user who was shown anyway. */
export function keepName({ id, userName }) {
  names.set(id, userName);
}

/** The identifier itself where the name was never asked for. */
export function nameOf(user) {
  return names.get(user) ?? user;
}
