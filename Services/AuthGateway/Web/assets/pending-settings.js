// Changes of the settings that ask less of somebody, and wait: for their time, or for another
// administrator.

import { call } from "./calls.js";
import { ask } from "./dialogs.js";
import { differenceTable } from "./difference-words.js";
import { button, make, reasonField } from "./elements.js";
import { attempt } from "./forms.js";
import { withFreshProof } from "./proof.js";
import { listText, word } from "./rule-words.js";
import { momentText, text } from "./sentences.js";
import { learnNames, nameOf } from "./user-names.js";

const part = document.getElementById("pending-part");
const list = document.getElementById("pending");

/**
 * Shows what waits. `own` is the reader's identifier, `book` the rules in force; `decided(said)`
 * is run once a change waits no more, with the sentence that tells how that came.
 */
export async function showPending({ own, book, titleOf, decided }) {
  const { pending = [] } = await call("AdminService/ListPendingSettings");
  await learnNames(pending.map((it) => it.proposedBy));
  const tables = await Promise.all(
    pending.map(async ({ id, version }) => {
      const message = { from: version, pending: id };
      const found = await call("AdminService/CompareSettings", message);
      return differenceTable(found, titleOf, { before: book });
    }),
  );
  list.replaceChildren(
    ...pending.map((it, index) => item(it, tables[index], own === it.proposedBy, decided)),
  );
  part.hidden = pending.length === 0;
}

function item(change, differences, isOwn, decided) {
  const { proposedBy, proposedAt, dueAt, reason, weakened = [] } = change;
  const parts = listText(weakened.map((it) => word("part", it)));
  const withdraw = button(text("pending.withdraw"), () =>
    attempt(() => withdrawChange(change, decided)),
  );
  const approve = button(
    text("pending.approve"),
    () => attempt(() => approveChange(change, decided)),
    { class: "primary" },
  );
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("h3", { tabindex: "-1" }, text("pending.weakens", parts)),
      make("p", {}, text("pending.since", nameOf(proposedBy), momentText(proposedAt))),
      make("p", {}, text("pending.reason", reason)),
      make("p", {}, dueAt ? text("pending.until", momentText(dueAt)) : text("pending.second")),
      isOwn && make("p", {}, text("pending.own")),
    ),
    make("div", { class: "actions" }, ...(isOwn ? [withdraw] : [approve, withdraw])),
    make("div", { class: "whole" }, differences),
  );
}

async function approveChange({ id }, decided) {
  const approved = await decide(decided, {
    title: text("pending.approve_title"),
    explanation: text("pending.approve_why"),
    submit: text("pending.approve"),
    parts: [reasonField()],
    work: ({ reason }) => call("AdminService/ApproveSettings", { change: id, reason }),
  });
  if (approved) await decided(text("pending.approved"));
}

async function withdrawChange({ id }, decided) {
  const withdrawn = await decide(decided, {
    title: text("pending.withdraw_title"),
    explanation: text("pending.withdraw_why"),
    submit: text("pending.withdraw"),
    work: () => call("AdminService/WithdrawSettings", { change: id }),
  });
  if (withdrawn) await decided(text("pending.withdrawn"));
}

/** Asks, and calls with a fresh proof. What does not wait any more is not shown any longer. */
async function decide(decided, { work, ...question }) {
  let isOver = false;
  const answer = await ask({
    ...question,
    work: async (data) => {
      try {
        return await withFreshProof(() => work(data));
      } catch (refusal) {
        isOver = refusal.word === "version_conflict";
        throw refusal;
      }
    },
  });
  if (!answer && isOver) await decided("");
  return answer;
}
