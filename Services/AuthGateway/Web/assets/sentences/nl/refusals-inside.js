// Why something was refused inside a session.

/** By the stable words of the protocol, and by those of our own. */
export const refusals = {
  step_up_required: "Bewijs hiervoor nog eens dat jij het bent.",
  administrator_required: "Alleen beheerders mogen dit zien en doen.",
  user_not_found: "Deze gebruiker is er niet.",
  phone_taken: "Dit telefoonnummer is al in gebruik.",
  authenticator_not_found: "Deze authenticator is er niet.",
  last_administrator: "De laatste actieve beheerder moet blijven.",
  another_administrator: "Een andere beheerder moet hiermee instemmen.",
  own_network: "Met deze netwerken kun je je niet aanmelden vanaf waar je nu bent.",
  own_account: "Bij jouw eigen account moet een andere beheerder dit doen.",
  password_exists: "Deze gebruiker heeft al een wachtwoord.",
  approval_required:
    "Een tweede beheerder moet dit goedkeuren: iemand anders dan jullie twee, en geen nieuwkomer.",
  reset_request_expired: "Dit verzoek wacht niet meer.",
  last_factor:
    "Je laatste authenticator moet blijven, want er wordt je om een gevraagd. Koppel er eerst nog "
    + "een.",
  reason_required: "Geef een reden.",
  audience_unknown: "Voor deze ontvanger worden hier geen verklaringen gemaakt.",
  host_not_protected: "Voor het adres waar je vandaan komt kun je je hier niet aanmelden.",
  session_not_found: "Deze sessie is er niet.",
  trusted_device_not_found: "Dit vertrouwde apparaat is er niet.",
  verifier_uid_invalid:
    "De uid van een verificatiemethode bestaat uit letters, cijfers, _ en -.",
  verifier_exists: "Er is al een verificatiemethode met deze uid.",
  verifier_not_found: "Deze verificatiemethode is er niet.",
  verifier_in_use:
    "De instellingen voor tweestapsverificatie gebruiken deze methode. Haal haar daar weg voordat "
    + "je haar verwijdert.",
  verifier_has_bindings:
    "Gebruikers hebben deze methode gekoppeld. Bevestig dat hun koppelingen mee verdwijnen.",
  verifier_type_unsupported: "Verificatiemethoden van deze soort zijn niet beschikbaar.",
  verifier_settings_invalid:
    "Met deze instellingen werkt een verificatiemethode niet. Kijk wat ontbreekt of niet de juiste "
    + "vorm heeft.",
  verifier_required:
    "Kies minstens één verificatiemethode. Die maak je op de pagina voor verificatiemethoden.",
  version_conflict: "Iemand anders heeft dit intussen gewijzigd. Wat je nu ziet is nieuw.",
  link_incomplete:
    "Deze link is niet compleet. Ga terug naar de pagina die je wilde zien en probeer het opnieuw.",
  factor_required:
    "De pagina die je wilde zien vraagt om een tweede factor. Koppel er een in je account en "
    + "probeer het dan opnieuw.",
  proof_given_up: "Er is niets gewijzigd, want je hebt niet bewezen dat jij het bent.",
};
