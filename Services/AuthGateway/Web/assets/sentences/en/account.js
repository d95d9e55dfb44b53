// The personal centre.

import { count } from "./every-page.js";

export const sentences = {
  current_password: "Current password",

  "recovery.section": "Recovery codes",
  "recovery.left": (left) =>
    left === 0 ? "You have none left." : `You have ${count(left, "code", "codes")} left.`,
  "recovery.make": "Make new ones",
  "recovery.make_title": "Make new recovery codes?",
  "recovery.make_why": "Those that you have now will be void.",

  "account.title": "Your account",

  "profile.title": "Profile",
  "profile.user_name": "User name",
  "profile.display_name": "Name",
  "profile.email": "E-mail address",
  "profile.phone": "Phone number",
  "profile.session": "This session",
  "profile.session_until": (moment) => `ends at the latest on ${moment}`,

  "authenticators.title": "Authenticators",
  "authenticators.why": "What you can prove with, besides the password, that it is you.",
  "authenticators.none": "No verifier is available. Your administrator can set one up.",
  "authenticators.bound": (moment) => `Bound on ${moment}`,
  "authenticators.used": (moment) => `last used on ${moment}`,
  "authenticators.never_used": "not used yet",
  "authenticators.not_bound": "Not bound",
  "authenticators.another": "Another device can be bound.",
  "authenticators.disabled":
    "Disabled after too many wrong codes. Ask your administrator to reset it.",
  "authenticators.bind": "Bind",
  "authenticators.bind_named": (title) => `Bind ${title}`,
  "authenticators.bind_title": (title) => `Bind: ${title}`,
  "authenticators.is_bound": (title) => `${title} is bound.`,
  "authenticators.unbind": "Unbind",
  "authenticators.unbind_named": (title) => `Unbind ${title}`,
  "authenticators.unbind_title": (title) => `Unbind: ${title}`,
  "authenticators.unbind_why":
    "Prove it is you with any authenticator that you have bound. Your other sessions will end.",
  "authenticators.is_unbound": (title) => `${title} is unbound.`,

  "change_password.title": "Password",
  "change_password.why": "Your other sessions will end.",
  "change_password.submit": "Change password",
  "change_password.done": "The password is changed, your other sessions have ended.",
};
