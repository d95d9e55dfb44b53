// Devices that stand in for one's second factor, and the end of that.

import { call } from "./calls.js";
import { deviceText } from "./devices.js";
import { ask } from "./dialogs.js";
import { say } from "./frame.js";
import { acting, focusRow, joined, row } from "./rows.js";
import { refresh, section } from "./sections.js";
import { dayText, momentText, text } from "./sentences.js";

const list = document.getElementById("devices");
const heading = document.getElementById("devices-title");

async function load() {
  const { devices = [] } = await call("AccountService/ListTrustedDevices");
  list.replaceChildren(...devices.map(deviceRow));
  document.getElementById("no-devices").hidden = devices.length > 0;
  document.getElementById("devices-actions").hidden = devices.length === 0;
}

function deviceRow(device, index) {
  const title = deviceText(device.title) || text("device.unknown");
  return row({
    kind: "device",
    title,
    badge: device.current && { look: "good", label: text("devices.current") },
    facts: [
      joined(
        text("devices.trusted", dayText(device.trustedAt)),
        text("devices.until", dayText(device.expiresAt)),
      ),
      joined(
        text("devices.used", momentText(device.lastUsedAt)),
        device.place && text("device.from", device.place),
      ),
    ],
    actions: [
      {
        label: text("devices.forget"),
        name: text("devices.forget_named", title, dayText(device.trustedAt)),
        run: () => forget(device.id, index),
      },
    ],
  });
}

/** The sessions that its trust has opened end with it. */
async function forget(device, index) {
  try {
    await call("AccountService/ForgetTrustedDevice", { device });
  } catch (error) {
    // Then its time was over meanwhile.
    if (error.word !== "trusted_device_not_found") throw error;
  }
  await refresh("devices", "sessions", "events");
  focusRow(list, index, heading);
  say(text("devices.is_forgotten"));
}

async function forgetAll() {
  const forgotten = await ask({
    title: text("devices.forget_all_title"),
    explanation: text("devices.forget_all_why"),
    submit: text("devices.forget_all"),
    work: () => call("AccountService/ForgetTrustedDevices"),
  });
  if (!forgotten) return;
  await refresh("devices", "sessions", "events");
  heading.focus();
  say(text("devices.all_are_forgotten"));
}

document
  .getElementById("devices-actions")
  .append(acting(text("devices.forget_all"), forgetAll));
section("devices", load);
