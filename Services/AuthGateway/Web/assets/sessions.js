// Where one is signed in, and the end of it.

import { call } from "./calls.js";
import { deviceText } from "./devices.js";
import { ask } from "./dialogs.js";
import { say } from "./frame.js";
import { acting, focusRow, joined, row } from "./rows.js";
import { refresh, section } from "./sections.js";
import { language, momentText, text, wordText } from "./sentences.js";

const list = document.getElementById("sessions");
const heading = document.getElementById("sessions-title");
const methods = new Intl.ListFormat(language, { type: "conjunction" });

async function load() {
  const { sessions = [] } = await call("AccountService/ListSessions");
  const others = sessions.filter((it) => !it.current);
  const own = sessions.filter((it) => it.current);
  list.replaceChildren(...[...own, ...others].map(sessionRow));
  document.getElementById("sessions-alone").hidden = others.length > 0;
  document.getElementById("sessions-actions").hidden = others.length === 0;
}

function sessionRow(session, index) {
  const { id, current, agent, place, caller, createdAt, lastUsedAt, expiresAt } = session;
  const title = deviceText(agent) || text("device.unknown");
  return row({
    kind: "device",
    title,
    badge: current && { look: "good", label: text("sessions.current") },
    facts: [
      joined(provedText(session), place && text("device.from", place)),
      caller && text("sessions.by_caller", caller.replace(/^spiffe:\/\//u, "")),
      joined(
        text("sessions.opened", momentText(createdAt)),
        text("sessions.used", momentText(lastUsedAt)),
        current && text("sessions.until", momentText(expiresAt)),
      ),
    ],
    // This one is ended by signing out.
    actions: current
      ? []
      : [
          {
            label: text("sessions.end"),
            name: text("sessions.end_named", title, momentText(createdAt)),
            run: () => end(id, index),
          },
        ],
  });
}

/** How its owner has proved himself (RFC 8176); that it were several is told by naming them. */
function provedText({ amr = [] }) {
  const proved = amr
    .filter((it) => it !== "mfa")
    .map((it) => wordText(`amr.${it}`, text("amr.other")));
  return proved.length > 0 ? text("sessions.proved", methods.format(new Set(proved))) : "";
}

async function end(session, index) {
  try {
    await call("AccountService/EndSession", { session });
  } catch (error) {
    // Then it has ended by itself meanwhile.
    if (error.word !== "session_not_found") throw error;
  }
  await refresh("sessions", "events");
  focusRow(list, index, heading);
  say(text("sessions.is_ended"));
}

async function endOthers() {
  const ended = await ask({
    title: text("sessions.end_others_title"),
    explanation: text("sessions.end_others_why"),
    submit: text("sessions.end_others"),
    work: () => call("AccountService/EndOtherSessions"),
  });
  if (!ended) return;
  await refresh("sessions", "devices", "events");
  heading.focus();
  say(text("sessions.others_are_ended"));
}

document
  .getElementById("sessions-actions")
  .append(acting(text("sessions.end_others"), endOthers));
section("sessions", load);
