// The users.

import { count } from "./every-page.js";

export const sentences = {
  "users.title": "Users",
  "users.create": "Create a user",
  "users.search": "Search",
  "users.search_hint": "What the user name, e-mail address or phone number begins with.",
  "users.find": "Find",
  "users.none": "Nobody is called so.",
  "users.found": (number, more) =>
    more ? `The first ${number} users are shown.` : `${count(number, "user", "users")} found.`,
  "users.user_name": "User name",
  "users.user_name_hint": "1 to 50 characters, none of @ < > / and quotation marks.",
  "users.display_name": "Name",
  "users.email": "E-mail address",
  "users.phone": "Phone number",
  "users.phone_hint": "With the country's number, as in +31201234567.",
  "users.administrator": "Administrator",
  "users.disabled": "disabled",
  "users.last_sign_in": (moment) => `last signed in on ${moment}`,
  "users.never_signed_in": "never signed in",
  "users.disable": "Disable",
  "users.disable_named": (name) => `Disable ${name}`,
  "users.disable_title": (name) => `Disable ${name}?`,
  "users.disable_why": "Sign-ins will be refused and all sessions end now.",
  "users.is_disabled": (name) => `${name} is disabled.`,
  "users.enable": "Enable",
  "users.enable_named": (name) => `Enable ${name}`,
  "users.enable_title": (name) => `Enable ${name}?`,
  "users.enable_why": "The user can sign in again.",
  "users.is_enabled": (name) => `${name} is enabled.`,
  "users.reset_authenticators": "Reset authenticators",
  "users.reset_authenticators_named": (name) => `Reset the authenticators of ${name}`,
  "users.reset_authenticators_title": (name) => `Reset the authenticators of ${name}?`,
  "users.reset_authenticators_why":
    "All second factors are unbound and all sessions end. The next sign-in asks to bind anew.",
  "users.authenticators_are_reset": (name, number) =>
    `${count(number, "authenticator", "authenticators")} of ${name} removed.`,
  "users.reset_password": "Reset password",
  "users.reset_password_named": (name) => `Reset the password of ${name}`,
  "users.reset_password_title": (name) => `Reset the password of ${name}?`,
  "users.reset_password_why": "The old password opens nothing any more and all sessions end.",
  "users.initial_password": "Initial password",
  "users.initial_password_title": (name) => `Initial password of ${name}`,
  "users.initial_password_why":
    "It is shown this once, and is good for one sign-in within seven days.",
};
