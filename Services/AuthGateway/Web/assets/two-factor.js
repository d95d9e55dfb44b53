// Who is asked for a second factor, with what, and by which rules. What is typed is a draft until
// it is saved; what it would do can be tried before.

import { call } from "./calls.js";
import { differenceTable } from "./difference-words.js";
import { prepareDryRun } from "./dry-run.js";
import { make, showFacts, titleOf } from "./elements.js";
import { finishGuide, showGuide } from "./first-start.js";
import { onSubmit } from "./forms.js";
import { openPage, say } from "./frame.js";
import { showPending } from "./pending-settings.js";
import { withFreshProof } from "./proof.js";
import { currentRules, showRules } from "./rules.js";
import { momentText, refusalText, text } from "./sentences.js";
import { countSaid, fillForm, readForm } from "./settings-form.js";
import { contentOf, isSame, rebase } from "./settings-draft.js";
import { learnNames, nameOf } from "./user-names.js";

const element = (id) => document.getElementById(id);
const form = element("settings");
const heading = document.querySelector("h1");

/** What a refusal is about, and what is told of it where its own sentence is of something else. */
const about = {
  verifier_required: ["verifiers-part"],
  verifier_not_found: ["verifiers-part"],
  last_administrator: ["enforcement-part", "two_factor.nobody_left"],
  own_network: ["networks-part"],
  another_administrator: ["protection-part", "two_factor.no_second"],
};

/** As they were read: what a change replaces. */
let saved;
let verifiers = [];
let ownID;
/** What was tried last. */
let tried;

const verifierTitle = (uid) => {
  const verifier = verifiers.find((it) => it.uid === uid);
  return verifier ? titleOf(verifier) : uid;
};

async function load(session) {
  ownID = session.session.userId;
  await read();
  await showDraft(contentOf(saved));
  showGuide(form, tryOut);
}

/** Reads the settings in force, and shows what stands beside the form. */
async function read() {
  const [settings, list] = await Promise.all([
    call("AdminService/GetTwoFactorSettings"),
    call("AdminService/ListVerifiers"),
  ]);
  saved = { ...settings, book: { base: {}, ...settings.book } };
  verifiers = list.verifiers ?? [];
  await learnNames([saved.changedBy]);
  showFacts(element("last"), [
    [text("two_factor.version"), saved.version ?? "0"],
    [text("two_factor.changed_at"), momentText(saved.changedAt)],
    [text("two_factor.changed_by"), saved.changedBy && nameOf(saved.changedBy)],
    [
      text("two_factor.reason"),
      saved.reason || (saved.changedBy ? "" : text("two_factor.no_reason")),
    ],
  ]);
  const { book } = saved;
  await showPending({ own: ownID, book, titleOf: verifierTitle, decided });
}

async function showDraft(content) {
  fillForm(form, content, verifiers);
  await showRules({
    before: saved.book.rules ?? [],
    now: content.book.rules ?? [],
    verifiers,
    changed: showChanges,
  });
  showChanges();
}

const proposed = () => readForm(form, currentRules(), saved);

/** Tells what of it all is only typed so far, and how much the closed parts hold. */
function showChanges() {
  const content = proposed();
  const isTried = tried !== undefined && isSame(content, tried);
  element("unsaved").hidden = isSame(content, contentOf(saved));
  element("dry-run-stale").hidden = tried === undefined || isTried;
  element("save").classList.toggle("primary", isTried);
  element("dry-run-start").classList.toggle("primary", !isTried);
  for (const [name, count] of Object.entries(countSaid(content))) {
    element(`${name}-state`).textContent = text("two_factor.said", count);
  }
}

const tryOut = prepareDryRun({
  // What is not right is told where it is; only the reason may wait until there is one.
  isReady: () =>
    [...form.elements].every((it) => it.name === "reason" || it.reportValidity()),
  proposed: () => ({ version: saved.version ?? "0", ...proposed() }),
  tried: (settings) => {
    tried = contentOf(settings);
    showChanges();
  },
});

/** A change that waited does no more: what is in force may be another now. */
async function decided(said) {
  const before = saved;
  const mine = proposed();
  await read();
  await showDraft(rebase(contentOf(before), mine, contentOf(saved)));
  heading.focus();
  say(said);
}

/**
 * Somebody else was faster: what he has changed is shown, and what was typed here stays on top of
 * it. Returns what is told of it.
 */
async function meetOther(mine) {
  const before = saved;
  await read();
  // Nobody was, but more waits already than may.
  if (saved.version === before.version) return text("pending.too_many");
  await showDraft(rebase(contentOf(before), mine, contentOf(saved)));
  const message = { from: before.version, to: saved.version };
  const found = await call("AdminService/CompareSettings", message);
  element("meanwhile").replaceChildren(
    await differenceTable(found, verifierTitle, { before: before.book, after: saved.book }),
  );
  const who = saved.changedBy ? nameOf(saved.changedBy) : "";
  return text("two_factor.meanwhile", who);
}

/** Tells a refusal at the part that it is about; returns whether it is about one. */
function tellBeside(refusal) {
  const [place, key] = about[refusal.word] ?? [];
  if (!place) return false;
  const part = element(place);
  if (part instanceof HTMLDetailsElement) part.open = true;
  const told = key ? text(key) : refusalText(refusal);
  const notice = make("p", { role: "alert", class: "refusal told", tabindex: "-1" }, told);
  part.append(notice);
  notice.focus();
  return true;
}

async function save(message) {
  try {
    return await withFreshProof(() => call("AdminService/UpdateTwoFactorSettings", message));
  } catch (refusal) {
    if (tellBeside(refusal)) return undefined;
    if (refusal.word !== "version_conflict") throw refusal;
    element("settings-refusal").textContent = await meetOther(contentOf(message));
    return undefined;
  }
}

onSubmit(
  form,
  async ({ reason }) => {
    say("");
    for (const notice of form.querySelectorAll(".refusal.told")) notice.remove();
    const answer = await save({ version: saved.version ?? "0", ...proposed(), reason });
    if (!answer) return;
    form.elements.reason.value = "";
    element("meanwhile").replaceChildren();
    await read();
    await showDraft(contentOf(saved));
    heading.focus();
    if (!answer.pending) finishGuide(saved);
    say(text(answer.pending ? "two_factor.waits" : "two_factor.saved"));
  },
  element("settings-refusal"),
);
// At once, and not when the field is left for the button: what appears then would move the button
// away from under the pointer. What was said of the last save is over.
form.addEventListener("input", () => {
  say("");
  showChanges();
});
// A field that is not right is shown, also in a part that is closed.
form.addEventListener(
  "invalid",
  ({ target }) => {
    const part = target.closest("details");
    if (part) part.open = true;
  },
  true,
);
await openPage("administrator", load);
