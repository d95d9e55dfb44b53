// Who is asked for a second factor, and with what.

import { call } from "./calls.js";
import { make, showFacts, tick, titleOf } from "./elements.js";
import { onSubmit } from "./forms.js";
import { openPage, say } from "./frame.js";
import { withFreshProof } from "./proof.js";
import { momentText, text } from "./sentences.js";

const form = document.getElementById("settings");
/** The version that is shown, and that a change replaces. */
let version = "0";

async function load() {
  const [settings, { verifiers = [] }] = await Promise.all([
    call("AdminService/GetTwoFactorSettings"),
    call("AdminService/ListVerifiers"),
  ]);
  showSettings(settings, verifiers);
}

function showSettings(settings, verifiers) {
  version = settings.version ?? "0";
  const chosen = settings.verifiers ?? [];
  form.elements.enforcement.value = settings.enforcement;
  const boxes = verifiers.map((it) =>
    tick(titleOf(it), {
      type: "checkbox",
      name: "verifier",
      value: it.uid,
      checked: chosen.includes(it.uid),
    }),
  );
  const none = make("p", {}, text("two_factor.no_verifiers"));
  document.getElementById("verifiers").replaceChildren(...(boxes.length > 0 ? boxes : [none]));
  form.elements.reason.value = "";
  showFacts(document.getElementById("last"), [
    [text("two_factor.version"), version],
    [text("two_factor.changed_at"), momentText(settings.changedAt)],
    [
      text("two_factor.reason"),
      settings.reason || (settings.changedBy ? "" : text("two_factor.no_reason")),
    ],
  ]);
}

onSubmit(form, async ({ enforcement, reason }) => {
  say("");
  const verifiers = new FormData(form).getAll("verifier");
  const message = { version, enforcement, verifiers, reason };
  let saved;
  try {
    saved = await withFreshProof(() => call("AdminService/UpdateTwoFactorSettings", message));
  } catch (refusal) {
    if (refusal.word === "version_conflict") await load();
    throw refusal;
  }
  await load();
  say(text(saved.pending ? "two_factor.waits" : "two_factor.saved"));
});
await openPage("administrator", load);
