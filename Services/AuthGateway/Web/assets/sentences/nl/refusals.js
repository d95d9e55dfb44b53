// Why something was refused, also to whoever has not signed in.

/** By the stable words of the protocol, and by those of our own for what never reached it. */
export const refusals = {
  malformed: "Iets in wat je hebt ingevuld is niet geldig.",
  too_large: "Wat je hebt ingevuld is te lang.",
  method_unknown: "Dit is hier niet beschikbaar.",
  caller_not_allowed: "Dit mag hier niet.",
  cross_site: "Volgens de browser kwam dit van een andere site. Open deze pagina opnieuw.",
  compression_unsupported: "Iets tussen jou en ons heeft het verzoek veranderd.",
  deadline_exceeded: "Dit duurde te lang. Probeer het zo dadelijk opnieuw.",
  canceled: "Dit is afgebroken.",
  overloaded: "Het is nu te druk.",
  unavailable: "De dienst is nu niet beschikbaar. Probeer het zo dadelijk opnieuw.",
  unreachable: "De dienst is niet te bereiken. Kijk of je verbinding hebt en probeer het opnieuw.",
  internal: "Er ging bij ons iets mis.",
  request_id_reused: "Er ging iets mis. Open deze pagina opnieuw.",
  password_wrong: "De gebruikersnaam of het wachtwoord klopt niet.",
  attempts_delayed: "Te veel mislukte pogingen.",
  attempts_exhausted:
    "Te veel mislukte pogingen. Dit is nu uitgeschakeld; vraag je beheerder het te herstellen.",
  sign_in_expired: "De tweestapsverificatie is verlopen. Meld je opnieuw aan.",
  step_out_of_order: "Deze stap volgt niet op de vorige. Meld je opnieuw aan.",
  code_wrong: "De code klopt niet.",
  code_used: "Deze code is al gebruikt. Wacht op de volgende.",
  passkey_refused: "De passkey is geweigerd. Probeer het opnieuw.",
  binding_expired: "De sleutel is verlopen. Scan de nieuwe.",
  already_bound: "Dit is al gekoppeld.",
  no_verifier_available: "Er is geen verificatiemethode beschikbaar. Vraag het je beheerder.",
  verifier_not_offered: "Deze verificatiemethode is hier niet te gebruiken.",
  authenticator_not_offered: "Deze authenticator is hier niet te gebruiken.",
  password_too_short: "Het wachtwoord is te kort.",
  password_too_long: "Het wachtwoord is te lang.",
  password_too_common: "Het wachtwoord is te makkelijk te raden. Kies een ander.",
  password_unchanged: "Het nieuwe wachtwoord is hetzelfde als het oude.",
  initial_password_expired:
    "Het eerste wachtwoord is verlopen. Vraag je beheerder om een nieuw wachtwoord.",
  reset_expired: "Deze link werkt niet meer. Vraag een nieuwe aan.",
  challenge_expired: "Dit werkt niet meer. Vraag een nieuwe aan.",
  receiver_invalid: "Naar dit nummer of adres kunnen geen berichten worden gestuurd.",
  message_rate_limited: "Er zijn te veel berichten gestuurd.",
  message_send_failed:
    "Het bericht kon niet worden verstuurd. Probeer het later opnieuw of vraag het je beheerder.",
  not_signed_in: "Je bent niet meer aangemeld.",
  user_name_invalid: "De gebruikersnaam is niet geldig.",
  user_name_taken: "Deze gebruikersnaam is al in gebruik.",
  email_invalid: "Het e-mailadres is niet geldig.",
  email_taken: "Dit e-mailadres is al in gebruik.",
  phone_invalid: "Het telefoonnummer is niet geldig.",
  network_refused:
    "Vanaf jouw netwerk kun je je hier niet aanmelden. Probeer het vanaf een ander netwerk.",
  sign_up_closed: "Accounts worden hier door beheerders gemaakt.",
  sign_up_expired: "Deze link werkt niet meer. Begin opnieuw met een account maken.",
  passkey_given_up:
    "De browser heeft geen passkey gegeven. Probeer het opnieuw of gebruik iets anders.",
  passkey_known: "Op dit apparaat staat al een passkey van je account.",
  passkeys_unsupported:
    "Deze browser, of de manier waarop je deze pagina hebt geopend, kent geen passkeys.",
};
