/// The sentences of mails in Dutch.
extension MailSentence {
    var dutch: String {
        switch self {
        case .subject(let kind, let product): "\(product): \(Self.dutchSubject(kind))"
        case .greeting(nil): "Hallo,"
        case .greeting(let name?): "Hallo \(name),"
        case .lead(let kind, let title, let product): Self.dutchLead(kind, title, product)
        case .recoveryCodesLeft(0): "Je hebt geen herstelcode meer over. Maak snel nieuwe."
        case .recoveryCodesLeft(1): "Je hebt nog 1 herstelcode over. Maak snel nieuwe."
        case .recoveryCodesLeft(let left): "Je hebt nog \(left) herstelcodes over."
        case .codeWorksFor(1): "De code werkt één keer, binnen 1 minuut."
        case .codeWorksFor(let minutes): "De code werkt één keer, binnen \(minutes) minuten."
        case .linkWorksFor(1): "De link werkt één keer, binnen 1 minuut."
        case .linkWorksFor(let minutes): "De link werkt één keer, binnen \(minutes) minuten."
        case .linkWorksForDays(1): "De link werkt één keer, binnen een dag."
        case .linkWorksForDays(let days): "De link werkt één keer, binnen \(days) dagen."
        case .neverTellCode: "Vertel hem aan niemand. Niemand van ons zal er ooit om vragen."
        case .linkLabel: "Kies een nieuw wachtwoord"
        case .accountLinkLabel: "Stel je account in"
        case .ignoreIfUnknown: "Weet je niet waar dit over gaat, dan hoef je niets te doen."
        case .ignoreIfNotYou:
            "Heb je hier niet om gevraagd, dan hoef je niets te doen. Gebeurt het vaker, wijzig "
                + "dan je wachtwoord."
        case .notYouHeading: "Was jij dit niet?"
        case .notYouWithPage:
            "Dan is er misschien iemand anders in je account. Beëindig alle sessies en kies een "
                + "nieuw wachtwoord op de beveiligingspagina:"
        case .notYouWithoutPage:
            "Dan is er misschien iemand anders in je account. Log in, beëindig alle sessies, kies "
                + "een nieuw wachtwoord en waarschuw je beheerder."
        case .securityPageLabel: "Beveiligingspagina"
        case .timeLabel: "Tijd"
        case .placeLabel: "Plaats"
        case .deviceLabel: "Apparaat"
        case .automatic(let product):
            "\(product) heeft deze mail automatisch verstuurd. Antwoorden worden niet gelezen."
        }
    }

    private static func dutchSubject(_ kind: MailNotice.Kind) -> String {
        switch kind {
        case .codeForSignIn: "je code om in te loggen"
        case .codeForBinding: "je code om dit adres te bevestigen"
        case .codeForStepUp: "je code om te bevestigen dat jij het bent"
        case .passwordReset: "kies een nieuw wachtwoord"
        case .authenticatorBound: "er is een tweede factor toegevoegd"
        case .authenticatorUnbound: "er is een tweede factor verwijderd"
        case .recoveryCodeUsed: "er is een herstelcode gebruikt"
        case .recoveryCodesMade: "er zijn nieuwe herstelcodes gemaakt"
        case .passwordChanged: "je wachtwoord is gewijzigd"
        case .passwordDisabled: "je wachtwoord is uitgezet"
        case .test: "een testbericht"
        case .trustedDeviceReused: "een vertrouwd apparaat wordt niet meer vertrouwd"
        case .newDevice: "er is ingelogd met een nieuw apparaat"
        case .settingsWeakened: "de tweestapsinstellingen vragen minder"
        case .weakeningProposed: "er zijn zwakkere tweestapsinstellingen gevraagd"
        case .authenticatorDisabled: "er is een tweede factor uitgezet"
        case .passkeyDisabled: "er is een passkey uitgezet"
        case .reportedNotMe: "al je sessies zijn beëindigd"
        case .invitation: "je bent uitgenodigd"
        case .signUp: "bevestig je adres"
        case .signUpKnown: "je hebt al een account"
        case .resetRequested: "een reset wacht op een tweede beheerder"
        case .addressChanged: "je e-mailadres is gewijzigd"
        }
    }

    private static func dutchLead(
        _ kind: MailNotice.Kind, _ title: String, _ product: String
    ) -> String {
        switch kind {
        case .codeForSignIn: "Dit is je code om in te loggen bij \(product):"
        case .codeForBinding:
            "Dit is de code om dit adres als tweede factor bij \(product) te bevestigen:"
        case .codeForStepUp: "Dit is de code om bij \(product) te bevestigen dat jij het bent:"
        case .passwordReset:
            "Iemand, hopelijk jij, heeft om een nieuw wachtwoord gevraagd voor je account bij "
                + "\(product)."
        case .recoveryCodeUsed: "Er is een herstelcode gebruikt om in te loggen bij \(product)."
        case .recoveryCodesMade:
            "Er zijn nieuwe herstelcodes gemaakt voor je account bij \(product); de oude werken "
                + "niet meer."
        case .passwordChanged: "Het wachtwoord van je account bij \(product) is gewijzigd."
        case .invitation:
            "Er is een account bij \(product) voor je gemaakt. Kies een wachtwoord om het in te "
                + "stellen."
        case .signUp: "Iemand, hopelijk jij, wil met dit adres een account maken bij \(product)."
        case .signUpKnown:
            "Iemand, hopelijk jij, wilde met dit adres een account maken bij \(product). Er is er "
                + "al een: log in, of vraag daar een nieuw wachtwoord aan."
        case .resetRequested:
            "Een beheerder van \(product) heeft gevraagd om de tweede factoren van een andere "
                + "beheerder te verwijderen. Een tweede beheerder moet dat goedkeuren; elke "
                + "beheerder kan het weigeren."
        case .addressChanged:
            "Een beheerder heeft het e-mailadres van je account bij \(product) gewijzigd. "
                + "Berichten over het account gaan voortaan naar een ander adres."
        case .passwordDisabled:
            "Het wachtwoord van je account bij \(product) is na te veel foute pogingen uitgezet. "
                + "Een beheerder kan het weer aanzetten."
        case .test: "Mail van \(product) komt aan. Je hoeft niets te doen."
        case .trustedDeviceReused:
            "Iemand met je wachtwoord heeft bij \(product) ingelogd met iets dat een vertrouwd "
                + "apparaat van je al had gebruikt; het kan dus gekopieerd zijn. Het apparaat "
                + "wordt niet meer vertrouwd: de tweede factor wordt er weer gevraagd."
        case .newDevice: "Er is met een nieuw apparaat ingelogd op je account bij \(product)."
        case .reportedNotMe:
            "In je account bij \(product) is gemeld dat er iemand anders in was. Alle sessies zijn "
                + "beëindigd, en wie met het wachtwoord inlogt, moet een nieuw kiezen."
        case .settingsWeakened:
            "Een beheerder heeft de tweestapsinstellingen van \(product) zwakker gemaakt. Weet je "
                + "niet waarom, kijk er dan nu naar: ze kunnen worden teruggezet."
        case .weakeningProposed:
            "Een beheerder van \(product) wil zwakkere tweestapsinstellingen. Ze wachten nog. Weet "
                + "je niet waarom, trek de wijziging dan in voordat haar tijd om is."
        case .authenticatorBound:
            "‘\(title)’ is als tweede factor toegevoegd aan je account bij \(product)."
        case .authenticatorUnbound:
            "‘\(title)’ is als tweede factor verwijderd van je account bij \(product)."
        case .authenticatorDisabled:
            "‘\(title)’ van je account bij \(product) is na te veel foute codes uitgezet. Een "
                + "beheerder kan je helpen om het opnieuw in te stellen."
        case .passkeyDisabled:
            "‘\(title)’ van je account bij \(product) is uitgezet, omdat het gebruik ervan erop "
                + "wijst dat de passkey is gekopieerd. Een beheerder kan je helpen om een nieuwe "
                + "in te stellen."
        }
    }
}
