// What a browser is called. Sessions tell how it names itself (`User-Agent`, RFC 9110 §10.1.5),
// other lists tell it as `Firefox on Linux` already. A page that says so names the part `devices`
// of the sentences.

import { text } from "./sentences.js";

/** Most claim to be several: the first that is found is meant. */
const browsers = [
  ["Edg", "Edge"],
  ["OPR/", "Opera"],
  ["SamsungBrowser/", "Samsung Internet"],
  ["Firefox/", "Firefox"],
  ["FxiOS/", "Firefox"],
  ["CriOS/", "Chrome"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
];
const systems = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Macintosh", "macOS"],
  ["CrOS", "ChromeOS"],
  ["Linux", "Linux"],
];

const found = (names, agent) => names.find(([part]) => agent.includes(part))?.[1];

/** Both names where it is told by them; of others that look so nothing is believed. */
function named(told) {
  const [, ...names] = told.match(/^([^/]+) on ([^/]+)$/u) ?? [];
  const isKnown = [browsers, systems].every((all, at) => all.some(([, it]) => it === names[at]));
  return isKnown ? names : undefined;
}

/** In the reader's language; empty where nothing is known. */
export function deviceText(told = "") {
  const [program, system] = named(told) ?? [found(browsers, told), found(systems, told)];
  if (program && system) return text("device.on", program, system);
  // A program that is no browser says its name first.
  return program ?? system ?? told.match(/^[\w-]{1,32}/u)?.[0] ?? "";
}

/** Device and address as they stand beside a moment, as far as known. */
export function whereText(device, place) {
  return [deviceText(device), place && text("device.from", place)].filter(Boolean);
}
