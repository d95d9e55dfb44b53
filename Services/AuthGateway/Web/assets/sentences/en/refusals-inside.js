// Why something was refused inside a session.

/** By the stable words of the protocol, and by those of our own. */
export const refusals = {
  step_up_required: "Prove it is you once more to do this.",
  administrator_required: "Only administrators may see and do this.",
  user_not_found: "There is no such user.",
  phone_taken: "This phone number is taken.",
  authenticator_not_found: "There is no such authenticator.",
  last_administrator: "The last active administrator must stay.",
  another_administrator: "Another administrator has to say yes to this.",
  own_network: "With these networks you could not sign in from where you are now.",
  own_account: "Another administrator has to do this to your account.",
  password_exists: "This user has a password already.",
  approval_required:
    "A second administrator has to approve this, who is neither of you and no newcomer.",
  reset_request_expired: "This request is no longer waiting.",
  last_factor:
    "Your last authenticator must stay, for you are asked for one. Bind another one first.",
  reason_required: "Say why.",
  audience_unknown: "Statements for this audience are not made here.",
  host_not_protected: "The address that you came from is not protected by sign-ins here.",
  session_not_found: "There is no such session.",
  trusted_device_not_found: "There is no such trusted device.",
  verifier_uid_invalid: "A verifier's uid is letters, digits, _ and -.",
  verifier_exists: "There is a verifier with this uid.",
  verifier_not_found: "There is no such verifier.",
  verifier_in_use:
    "The two-factor settings use this verifier. Take it out there before you delete it.",
  verifier_has_bindings: "Users have bound this verifier. Confirm to delete their bindings.",
  verifier_type_unsupported: "Verifiers of this type are not available.",
  verifier_settings_invalid:
    "A verifier cannot work with these settings. Look for what is missing or wrongly written.",
  verifier_required:
    "Choose at least one verifier. Verifiers are added on the page “Verifiers”.",
  version_conflict: "Someone changed this in the meantime. You now see the latest.",
  link_incomplete: "This link is not complete. Go back to the page that you wanted and try again.",
  factor_required:
    "The page that you wanted asks for a second factor. Bind one in your account, then try again.",
  proof_given_up: "Nothing was changed: the proof was not given.",
};
