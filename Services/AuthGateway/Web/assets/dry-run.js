// Whom proposed settings would touch, before they are saved: everybody's sign-in is rehearsed, a
// page of users at a time.

import { call } from "./calls.js";
import { bar } from "./charts.js";
import { button, make } from "./elements.js";
import { attempt } from "./forms.js";
import { text } from "./sentences.js";

/** What a sign-in may come to, from what is worst to be told of, and in which colour. */
const prospects = [
  { word: "locked_out", tone: "bad" },
  { word: "bind", tone: "warn" },
  { word: "grace", tone: "soft" },
  { word: "verify", tone: "good" },
  { word: "session", tone: "accent" },
];

/** Names that are shown at a time. */
const shownAtOnce = 50;

/**
 * Rehearses with all users. `onPage(totals)` is told after each page; whatever `signal` ends is
 * rejected with its reason.
 */
async function rehearse(settings, address, { signal, onPage }) {
  const totals = { examined: 0, locked_out: 0, bind: 0, grace: 0, verify: 0, users: [] };
  let after = "";
  do {
    const message = { settings, address, after };
    const page = await call("AdminService/TryTwoFactorSettings", message);
    signal.throwIfAborted();
    totals.examined += page.examined ?? 0;
    totals.locked_out += page.lockedOut ?? 0;
    for (const it of ["bind", "grace", "verify"]) totals[it] += page[it] ?? 0;
    totals.users.push(...(page.users ?? []));
    totals.caller = page.caller;
    totals.administratorsLeft = page.administratorsLeft ?? false;
    after = page.next ?? "";
    onPage(totals);
  } while (after);
  const others = prospects.map(({ word }) => totals[word] ?? 0);
  totals.session = totals.examined - others.reduce((sum, it) => sum + it, 0);
  return totals;
}

/**
 * Lets the part of the page that is called `dry-run` try what `proposed()` says, which the page
 * then tells by `tried()`; unless `isReady()` says that nothing can be proposed yet. Returns what
 * starts it.
 */
export function prepareDryRun({ isReady, proposed, tried }) {
  const [start, address, told, result] = ["start", "address", "progress", "result"].map((it) =>
    document.getElementById(`dry-run-${it}`),
  );
  const notice = make("p", { role: "alert", class: "refusal" });
  result.before(notice);
  let running;
  const stop = button(text("dry_run.stop"), () => running?.abort(), { hidden: true });
  start.after(stop);

  const run = async () => {
    if (running || !isReady()) return;
    running = new AbortController();
    const { signal } = running;
    stop.hidden = false;
    result.replaceChildren();
    told.textContent = text("dry_run.runs", 0);
    const onPage = ({ examined }) => {
      told.textContent = text("dry_run.runs", examined);
    };
    const rehearsed = async () => {
      try {
        const settings = proposed();
        const totals = await rehearse(settings, address.value.trim(), { signal, onPage });
        told.textContent = text("dry_run.done", totals.examined);
        showResult(result, totals);
        tried(settings);
      } catch (error) {
        told.textContent = signal.aborted ? text("dry_run.stopped") : "";
        if (!signal.aborted) throw error;
      }
    };
    try {
      await attempt(rehearsed, notice);
    } finally {
      running = undefined;
      stop.hidden = true;
    }
    if (document.activeElement === document.body) start.focus();
    result.querySelector("h3")?.focus();
  };
  start.addEventListener("click", run);
  address.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    // Tries, and does not save.
    event.preventDefault();
    run();
  });
  return run;
}

function showResult(place, totals) {
  const parts = prospects.map(({ word, tone }) => ({ word, tone, value: totals[word] }));
  const told = parts.filter((it) => it.value > 0);
  place.replaceChildren(
    make("h3", { tabindex: "-1" }, text("dry_run.result", totals.examined)),
    bar(told),
    make("ul", { class: "legend" }, ...told.map(legend)),
    ...warnings(totals),
    ...touched(totals.users),
  );
}

function legend({ word, tone, value }) {
  return make("li", {}, spot(tone), make("span", {}, text(`prospects.${word}`, value)));
}

/** A spot of the colour that something has in the bar, before its words. */
function spot(tone) {
  const drawn = bar([{ value: 1, tone }]);
  drawn.setAttribute("class", "spot");
  return drawn;
}

/** What it means for oneself, and what stands against saving it. */
function warnings({ caller, administratorsLeft }) {
  const own = caller === "locked_out" ? "warning" : "own";
  return [
    make("p", { class: own }, text(`own.${caller}`)),
    !administratorsLeft && make("p", { class: "warning" }, text("dry_run.nobody_left")),
  ].filter(Boolean);
}

const rank = (word) => prospects.findIndex((it) => it.word === word);

/** The names of whom something changes for, the worst first. */
function touched(users) {
  if (users.length === 0) return [make("p", {}, text("dry_run.nobody"))];
  const sorted = users.toSorted((a, b) => rank(a.then) - rank(b.then));
  const head = ["dry_run.user", "dry_run.now", "dry_run.then"].map((key) =>
    make("th", { scope: "col" }, text(key)),
  );
  const body = make("tbody");
  const title = text("dry_run.touched", users.length);
  const more = button(text("more"), () => showMore());
  const showMore = () => {
    const from = body.children.length;
    body.append(...sorted.slice(from, from + shownAtOnce).map(userRow));
    more.hidden = body.children.length === sorted.length;
    if (from > 0) body.children[from].querySelector("th").focus();
  };
  showMore();
  return [
    make("h3", {}, title),
    make("table", { "aria-label": title }, make("thead", {}, make("tr", {}, ...head)), body),
    more,
  ];
}

function userRow({ userName, displayName, now, then }) {
  const name = displayName && displayName !== userName ? `${displayName} (${userName})` : userName;
  const { tone } = prospects.find((it) => it.word === then) ?? prospects[0];
  return make(
    "tr",
    {},
    make("th", { scope: "row", tabindex: "-1" }, name),
    make("td", {}, text(`prospect.${now}`)),
    make("td", {}, spot(tone), text(`prospect.${then}`)),
  );
}
