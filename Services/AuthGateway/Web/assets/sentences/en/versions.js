// Versions of the two-factor settings.

export const sentences = {
  "versions.title": "Versions",
  "versions.explanation":
    "Every change of the two-factor settings makes a version, and each can be put in force again.",
  "versions.compare_title": "Compare two versions",
  "versions.from": "Before",
  "versions.to": "After",
  "versions.compare": "Compare",
  "versions.between": (from, to) => `From version ${from} to version ${to}`,
  "versions.list_title": "All versions",
  "versions.option": (version, when, name) => `${version}: ${when}, ${name}`,
  "versions.name": (version) => `Version ${version}`,
  "versions.in_force": "in force",
  "versions.by": (name, when) => `${name}, ${when}`,
  "versions.nobody": "the installation",
  "versions.no_reason": "The installation began with these.",
  "versions.changes": "What changed",
  "versions.changes_named": (version) => `What changed with version ${version}`,
  "versions.restore": "Restore",
  "versions.restore_named": (version) => `Restore version ${version}`,
  "versions.restore_title": (version) => `Restore version ${version}?`,
  "versions.restore_why": (version) =>
    `A new version says the same as it. This is what changes from version ${version}, which is in `
    + "force:",
  "versions.restored": (restored, version) =>
    `Version ${restored} is in force again, as version ${version}.`,
  "versions.restore_waits": (restored, version) =>
    `Version ${restored} asks less of somebody, so it waits; version ${version} stays in force. `
    + "What waits is shown with the two-factor settings.",
  "versions.more": "Show older versions",
};
