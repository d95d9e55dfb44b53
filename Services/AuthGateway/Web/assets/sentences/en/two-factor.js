// Two-factor settings and rules.

export const sentences = {
  "two_factor.title": "Two-factor settings",
  "two_factor.enforcement": "Who is asked for a second factor",
  "two_factor.administrators": "Administrators",
  "two_factor.everyone": "Everyone: enforce two-factor authentication for all users",
  "two_factor.verifiers": "With which verifiers",
  "two_factor.verifiers_hint":
    "At least one. Whoever has bound none of them is asked to bind one while signing in.",
  "two_factor.no_verifiers": "There is no verifier yet.",
  "two_factor.manage": "Manage verifiers",
  "two_factor.submit": "Save",
  "two_factor.saved": "The settings are in force.",
  "two_factor.waits":
    "This asks less of somebody, so it waits: for its time, or for another administrator.",
  "two_factor.last": "Last change",
  "two_factor.version": "Version",
  "two_factor.changed_at": "Date",
  "two_factor.reason": "Reason",
  "two_factor.no_reason": "The installation began with these.",
};
