// What one user can prove, where he is signed in and which devices he trusts, as an administrator
// sees it.

import { deviceText, whereText } from "./devices.js";
import { make, titleOf } from "./elements.js";
import { joined, row } from "./rows.js";
import { momentText, text } from "./sentences.js";

function showRows(list, rows, none) {
  list.replaceChildren(...(rows.length > 0 ? rows : [make("li", {}, none)]));
}

export function showAuthenticators(list, { authenticators = [], recoveryCodesLeft = 0 }) {
  const rows = authenticators.map((it) =>
    row({
      kind: it.type,
      title: titleOf(it),
      badge: it.disabled && { look: "bad", label: text("user.authenticator_disabled") },
      facts: [text("user.bound", momentText(it.boundAt)), lastUse(it)],
    }),
  );
  if (rows.length > 0) {
    const facts = [text("user.codes_left", recoveryCodesLeft)];
    rows.push(row({ kind: "recovery", title: text("type.recovery"), facts }));
  }
  showRows(list, rows, text("user.no_authenticators"));
}

function lastUse({ lastUsedAt, lastUsedFrom, lastUsedDevice }) {
  if (!lastUsedAt) return text("user.not_used");
  return joined(
    text("user.used", momentText(lastUsedAt)), whereText(lastUsedDevice, lastUsedFrom),
  );
}

/** `end(id)` ends one; without it there is nothing to press. */
export function showSessions(list, sessions, end) {
  const rows = sessions.map((it) => {
    const title = deviceText(it.agent) || text("device.unknown");
    return row({
      kind: "device",
      title,
      badge: it.current && { look: "good", label: text("user.this_session") },
      facts: [
        joined(
          text((it.aal ?? 0) >= 2 ? "user.two_factors" : "user.one_factor"),
          it.place && text("device.from", it.place),
        ),
        it.caller && text("user.by_service", it.caller.replace(/^spiffe:\/\//u, "")),
        joined(
          text("user.signed_in", momentText(it.createdAt)),
          text("user.used", momentText(it.lastUsedAt)),
          text("user.until", momentText(it.expiresAt)),
        ),
      ],
      actions: end
        ? [
            {
              label: text("user.end_session"),
              name: text("user.end_session_named", title, momentText(it.createdAt)),
              run: () => end(it.id),
            },
          ]
        : [],
    });
  });
  showRows(list, rows, text("user.no_sessions"));
}

/** `forget(id)` ends the trust in one; without it there is nothing to press. */
export function showDevices(list, devices, forget) {
  const rows = devices.map((it) => {
    const title = deviceText(it.title) || text("device.unknown");
    return row({
      kind: "device",
      title,
      facts: [
        joined(
          text("user.trusted", momentText(it.trustedAt)),
          text("user.until", momentText(it.expiresAt)),
        ),
        joined(
          text("user.used", momentText(it.lastUsedAt)),
          it.place && text("device.from", it.place),
        ),
      ],
      actions: forget
        ? [
            {
              label: text("user.forget_device"),
              name: text("user.forget_device_named", title, momentText(it.trustedAt)),
              run: () => forget(it.id),
            },
          ]
        : [],
    });
  });
  showRows(list, rows, text("user.no_devices"));
}
