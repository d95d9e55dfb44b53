// On the way to a page of another host that wants a sign-in: what is missing is asked for, and
// then that host gets to know the session. Where it leads, the gateway says.

import { call, Refusal } from "./calls.js";
import { make } from "./elements.js";
import { openPage } from "./frame.js";
import { main } from "./page.js";
import { withFreshProof } from "./proof.js";
import { text } from "./sentences.js";

const asked = new URLSearchParams(location.search);
const message = {
  host: asked.get("host") ?? "",
  challenge: asked.get("challenge") ?? "",
  target: asked.get("to") ?? "/",
};

/** Nobody has typed anything here, so it is the link that is wrong. */
const ownWords = {
  // Of whoever has bound nothing, no proof reaches the level of a host that wants two factors.
  step_up_required: "factor_required",
  malformed: "link_incomplete",
};

async function handOver() {
  try {
    return await withFreshProof(() => call("AccountService/HandOver", message));
  } catch (error) {
    throw Object.hasOwn(ownWords, error.word) ? new Refusal(ownWords[error.word]) : error;
  }
}

await openPage("user", async () => {
  const { location: next } = await handOver();
  location.replace(next);
});
const trouble = document.getElementById("trouble");
// There is nothing else on this page: what can be done about it stands in one's account.
if (trouble.textContent) {
  const account = make("a", { class: "button", href: "/account" }, text("nav.account"));
  main.append(make("p", {}, account));
}
