// How it stands: who has bound a second factor, who signs in, what messages cost, what waits.

import { call } from "./calls.js";
import { bar, barChart, lineChart } from "./charts.js";
import { make } from "./elements.js";
import { openPage } from "./frame.js";
import { dayText, momentText, numberText, text, wordText } from "./sentences.js";

const element = (id) => document.getElementById(id);

async function load() {
  const overview = await call("AdminService/GetOverview");
  element("as-of").textContent = text("overview.as_of", momentText(Date.now()));
  showTiles(overview);
  showAdoption(overview.adoption ?? []);
  showSignIns(overview.hours ?? []);
  showKinds(overview);
  showMessages(overview.messages ?? {});
}

/** Whole percents; none of nothing is none. */
function percent(part, whole) {
  return whole > 0 ? Math.round((100 * part) / whole) : 0;
}

function showTiles(overview) {
  const {
    users = 0, bound = 0, locked = 0, disabled = 0, administrators = 0, pendingChanges = 0,
    resetRequests = 0, enforcement,
  } = overview;
  element("enforcement").textContent = wordText(`enforcement.${enforcement}`, "");
  const share = text("overview.percent", percent(bound, users));
  const tiles = [
    tile(numberText(users), text("overview.users"), "/admin/users"),
    tile(share, text("overview.bound", bound, users), "/admin/users?only=not_bound"),
    tile(numberText(administrators), text("overview.administrators", administrators),
      "/admin/users?only=administrators"),
    tile(numberText(locked), text("overview.locked", locked), "/admin/locked", locked && "warn"),
    tile(numberText(disabled), text("overview.disabled", disabled),
      "/admin/users?only=disabled"),
    tile(numberText(pendingChanges), text("overview.pending", pendingChanges),
      "/admin/two-factor", pendingChanges && "warn"),
    tile(numberText(resetRequests), text("overview.requests", resetRequests),
      "/admin/locked#requests-title", resetRequests && "warn"),
  ];
  element("tiles").replaceChildren(...tiles);
}

/** A number and what it counts, which leads to where that can be seen. */
function tile(value, label, href, tone) {
  const attributes = { class: ["tile", tone].filter(Boolean).join(" "), href };
  return make(
    "li",
    {},
    make("a", attributes, make("strong", {}, value), make("span", {}, label)),
  );
}

function nothing(sentence) {
  return make("p", { class: "nothing" }, sentence);
}

/** A day of the protocol has no time; at noon it is that day nearly everywhere. */
const noon = (day) => dayText(`${day}T12:00:00Z`);

function showAdoption(days) {
  const place = element("adoption");
  // Of a single day there is nothing to draw.
  if (days.length < 2) return place.replaceChildren(nothing(text("overview.no_adoption")));
  const values = (name) => days.map((it) => it[name] ?? 0);
  const [first, last] = [days[0], days.at(-1)];
  const told = (it) => text("overview.adoption_on", noon(it.day), it.bound ?? 0, it.users ?? 0);
  place.replaceChildren(
    lineChart({
      title: text("overview.adoption"),
      description: [told(first), told(last)].join(text("between_sentences")),
      heading: text("overview.day"),
      points: days.map(({ day }) => ({ short: noon(day), long: noon(day) })),
      series: [
        { label: text("overview.all_users"), tone: "soft", values: values("users") },
        { label: text("overview.bound_users"), tone: "accent", values: values("bound"),
          filled: true },
      ],
    }),
  );
}

function showSignIns(hours) {
  const place = element("sign-ins");
  const values = (name) => hours.map((it) => it[name] ?? 0);
  const [completed, refused] = [values("completed"), values("refused")];
  const sum = (list) => list.reduce((total, it) => total + it, 0);
  if (sum(completed) + sum(refused) === 0) {
    return place.replaceChildren(nothing(text("overview.no_sign_ins")));
  }
  place.replaceChildren(
    barChart({
      title: text("overview.sign_ins"),
      description: text("overview.sign_ins_are", sum(completed), sum(refused)),
      heading: text("overview.hour"),
      points: hours.map(({ start }, index) => ({
        short: text("overview.hours_ago", hours.length - index - 1),
        long: momentText(start),
      })),
      series: [
        { label: text("overview.completed"), tone: "accent", values: completed },
        { label: text("overview.refused"), tone: "warn", values: refused },
      ],
    }),
  );
}

/** One who has bound two kinds counts in both. */
function showKinds({ kinds = [], users = 0 }) {
  const rows = kinds.filter((it) => it.users > 0).sort((a, b) => b.users - a.users);
  if (rows.length === 0) {
    return element("kinds").replaceChildren(nothing(text("overview.no_kinds")));
  }
  const shares = rows.map((it) =>
    share(
      wordText(`type.${it.type}`, it.type),
      text("overview.of_users", it.users, percent(it.users, users)),
      bar([
        { value: it.users, tone: "accent" },
        { value: Math.max(0, users - it.users), tone: "rest" },
      ]),
    ),
  );
  element("kinds").replaceChildren(make("ul", { class: "shares" }, ...shares));
}

function share(name, told, drawn) {
  const words = [make("span", {}, name), make("span", {}, told)];
  return make("li", {}, make("div", { class: "named" }, ...words), drawn);
}

/** Several budgets are counted apart: what is told is how far the fullest one is gone. */
function showMessages(messages) {
  const {
    sentThisHour = 0, sentToday = 0, verifiedToday = 0, hourMax = 0, fullestThisHour = 0,
    alarm = false,
  } = messages;
  const alarming = make("p", { class: "caution", role: "note" }, text("overview.alarm"));
  const tone = fullestThisHour >= 0.9 * hourMax ? "bad" : "accent";
  element("messages").replaceChildren(
    ...(alarm ? [alarming] : []),
    make("p", {}, text("overview.sent", sentThisHour, sentToday)),
    make(
      "ul",
      { class: "shares" },
      share(text("overview.budget"), text("overview.of_budget", fullestThisHour, hourMax), bar([
        { value: fullestThisHour, tone },
        { value: Math.max(0, hourMax - fullestThisHour), tone: "rest" },
      ])),
      sentToday > 0 && verified(verifiedToday, sentToday),
    ),
  );
}

function verified(count, sent) {
  return share(
    text("overview.verified"),
    text("overview.of_sent", count, percent(count, sent)),
    bar([
      { value: count, tone: "good" },
      { value: Math.max(0, sent - count), tone: "rest" },
    ]),
  );
}

await openPage("administrator", load);
