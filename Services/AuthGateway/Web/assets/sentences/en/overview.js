// How it stands, at a glance.

import { begin, count } from "./every-page.js";

const waiting = (number, one, many) => (number === 1 ? one : many);

export const sentences = {
  "overview.title": "Overview",
  "overview.as_of": (moment) => `As of ${moment}.`,
  "overview.now": "Now",
  "overview.percent": (number) => `${number}%`,
  "overview.users": "users",
  "overview.bound": (bound, users) => `have bound a second factor: ${bound} of ${users}`,
  "overview.administrators": (number) => waiting(number, "administrator", "administrators"),
  "overview.locked": (number) => waiting(number, "locked account", "locked accounts"),
  "overview.disabled": (number) => waiting(number, "disabled user", "disabled users"),
  "overview.pending": (number) =>
    waiting(number, "change of the settings waits", "changes of the settings wait"),
  "overview.requests": (number) =>
    waiting(number, "request for a reset waits", "requests for a reset wait"),

  "enforcement.administrators": "A second factor is asked of administrators.",
  "enforcement.everyone": "A second factor is asked of everyone.",

  "overview.adoption": "Adoption",
  "overview.adoption_why": "Users, and those among them who have bound a second factor.",
  "overview.adoption_on": (day, bound, users) =>
    `On ${day} ${bound} of ${count(users, "user", "users")} had bound a second factor.`,
  "overview.no_adoption": "From tomorrow on this shows how adoption grows.",
  "overview.all_users": "All users",
  "overview.bound_users": "With a second factor",
  "overview.day": "Day",

  "overview.sign_ins": "Sign-ins of the last 48 hours",
  "overview.sign_ins_why": "How many were completed and refused in each hour.",
  "overview.sign_ins_are": (completed, refused) =>
    `${begin(completed, "sign-in", "sign-ins")} completed, ${refused} refused.`,
  "overview.no_sign_ins": "Nobody has signed in yet in these hours.",
  "overview.completed": "Completed",
  "overview.refused": "Refused",
  "overview.hour": "Hour",
  "overview.hours_ago": (number) =>
    number === 0 ? "this hour" : `${count(number, "hour", "hours")} ago`,

  "overview.kinds": "Second factors",
  "overview.kinds_why": "Whoever has bound several kinds counts for each.",
  "overview.no_kinds": "Nobody has bound a second factor yet.",
  "overview.of_users": (number, percent) => `${count(number, "user", "users")} (${percent}%)`,

  "overview.messages": "Messages",
  "overview.messages_why":
    "Codes go by text message and by mail, for binding and for proving: each has its own budget, "
    + "as large as the others.",
  "overview.alarm":
    "Few of the codes that were sent are used. Somebody may be making messages at your cost: look "
    + "into the audit.",
  "overview.sent": (hour, today) =>
    `${begin(hour, "message", "messages")} in the last hour, ${today} today.`,
  "overview.budget": "Used of the fullest budget",
  "overview.of_budget": (sent, most) => `${sent} of ${most} an hour`,
  "overview.verified": "Codes that were used today",
  "overview.of_sent": (number, percent) => `${number} (${percent}%)`,

  "chart.numbers": "The numbers as a table",
};
