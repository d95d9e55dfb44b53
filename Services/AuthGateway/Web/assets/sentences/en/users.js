// The users.

import { begin } from "./every-page.js";

export const sentences = {
  "users.title": "Users",
  "users.search": "Search",
  "users.search_hint": "What the user name, e-mail address or phone number begins with.",
  "users.only": "Show",
  "users.only_all": "All users",
  "users.only_bound": "With a second factor",
  "users.only_not_bound": "Without a second factor",
  "users.only_locked": "Locked",
  "users.only_disabled": "Disabled",
  "users.only_administrators": "Administrators",
  "users.find": "Find",
  "users.none": "No users match.",
  "users.found": (number, more) =>
    more ? `The first ${number} users are shown.` : `${begin(number, "user", "users")} found.`,
  "users.administrator": "administrator",
  "users.is_bound": "second factor bound",
  "users.is_not_bound": "no second factor",
  "users.is_locked": "locked",
  "users.is_disabled": "disabled",
  "users.last_sign_in": (moment) => `last signed in on ${moment}`,
  "users.never_signed_in": "never signed in",
  "users.create": "Create a user",
  "users.create_why":
    "You are shown an initial password that you hand over. It works for one sign-in.",
  "users.create_submit": "Create",
  "users.created": (name) => `${name} is created.`,
  "users.invite": "Invite a user",
  "users.invite_why":
    "The user is sent a link by e-mail and chooses a password. You do not see it.",
  "users.invite_submit": "Invite",
  "users.invited": (name, email, moment) =>
    `${name} is invited: a link was sent to ${email}. It works until ${moment}.`,
  "users.invite_again": "Invite again",
  "users.invite_again_named": (name) => `Invite ${name} again`,
  "users.invite_again_title": (name) => `Invite ${name} again?`,
  "users.invite_again_why":
    "Another link is sent by e-mail. The one before works no more. Whoever has chosen a password "
    + "already cannot be invited.",
};
