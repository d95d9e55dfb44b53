// A new password for the one that is known.

import { call } from "./calls.js";
import { onSubmit, prepareReveals, resetForm } from "./forms.js";
import { say } from "./frame.js";
import { onProfile } from "./profile.js";
import { withFreshProof } from "./proof.js";
import { refresh } from "./sections.js";
import { text } from "./sentences.js";

const form = document.getElementById("change-password");

/** Without a second factor a password has to be longer (NIST SP 800-63B-4 §3.1.1.2). */
const least = { alone: 15, besideFactor: 8 };

onProfile(({ userName, session }) => {
  document.getElementById("account-name").value = userName;
  document.getElementById("new-password-hint").textContent = text(
    "new_password.hint",
    session.aal >= 2 ? least.besideFactor : least.alone,
  );
});
prepareReveals(form);
onSubmit(form, async ({ currentPassword, newPassword }) => {
  say("");
  const message = { currentPassword, newPassword };
  await withFreshProof(() => call("AccountService/ChangePassword", message));
  resetForm(form);
  await refresh("sessions", "devices", "events");
  say(text("change_password.done"));
});
