import Wire

/// A mail's subject and its text in both forms.
package struct MailContent: Sendable, Equatable {
    package let subject: MailText
    package let text: String
    package let html: String
}

/// Notices as mails: a few short paragraphs, the same in both forms, without pictures or anything
/// else from outside, and with no link but those that they are given.
package enum MailTemplates {
    package static func content(
        _ notice: MailNotice, _ circumstances: MailCircumstances, in language: MailLanguage
    ) -> MailContent {
        let product = circumstances.product.text
        let subject = MailSentence.subject(notice.kind, product: product).text(in: language)
        let blocks = blocks(notice, circumstances).map { $0.written(in: language) }
        return MailContent(
            // Words of ours around a title; a very long one is cut.
            subject: MailText(subject) ?? circumstances.product,
            text: blocks.map(\.text).joined(separator: "\n\n") + "\n",
            html: page(
                subject, blocks.map(\.html).joined(separator: "\n"), language: language.rawValue))
    }

    private static func blocks(
        _ notice: MailNotice, _ about: MailCircumstances
    ) -> [Block] {
        let product = about.product.text
        let ending =
            facts(notice, about) + advice(notice, about) + [
                .small(.automatic(product: product))
            ]
        return [.paragraph(.greeting(name: about.userName?.text))]
            + body(notice, product: product) + ending
    }

    private static func body(_ notice: MailNotice, product: String) -> [Block] {
        let title = notice.title?.text ?? ""
        let lead = Block.paragraph(.lead(notice.kind, title: title, product: product))
        switch notice {
        case .code(let code, _, let minutes):
            return [
                lead, .code(code.digits), .paragraph(.codeWorksFor(minutes: minutes)),
                .paragraph(.neverTellCode),
            ]
        case .passwordReset(let link, let minutes):
            return [lead, .link(.linkLabel, link), .paragraph(.linkWorksFor(minutes: minutes))]
        case .invitation(let link, let days), .signUp(let link, let days):
            return [lead, .link(.accountLinkLabel, link), .paragraph(.linkWorksForDays(days))]
        case .recoveryCodeUsed(let left): return [lead, .paragraph(.recoveryCodesLeft(left))]
        case .authenticatorBound, .authenticatorUnbound, .authenticatorDisabled, .passwordDisabled,
            .passkeyDisabled, .recoveryCodesMade, .passwordChanged, .newDevice, .reportedNotMe,
            .trustedDeviceReused, .settingsWeakened, .weakeningProposed, .test, .signUpKnown,
            .resetRequested, .addressChanged:
            return [lead]
        }
    }

    private static func facts(_ notice: MailNotice, _ about: MailCircumstances) -> [Block] {
        // To the minute, as it is read by people: "2026-11-23 05:19 UTC".
        let moment = about.time.text.prefix(16).map { $0 == "T" ? " " : String($0) }.joined()
        var rows: [(MailSentence, String)] = [(.timeLabel, moment + " UTC")]
        if let place = about.place { rows.append((.placeLabel, place.text)) }
        if case .newDevice(let device?) = notice { rows.append((.deviceLabel, device.text)) }
        return [.facts(rows)]
    }

    private static func advice(_ notice: MailNotice, _ about: MailCircumstances) -> [Block] {
        switch notice {
        case .test, .settingsWeakened, .weakeningProposed, .resetRequested: return []
        case .code, .passwordReset: return [.paragraph(.ignoreIfNotYou)]
        case .invitation, .signUp, .signUpKnown: return [.paragraph(.ignoreIfUnknown)]
        case .authenticatorBound, .authenticatorUnbound, .recoveryCodeUsed, .recoveryCodesMade,
            .passwordChanged, .passwordDisabled, .passkeyDisabled, .newDevice,
            .trustedDeviceReused, .authenticatorDisabled, .reportedNotMe, .addressChanged:
            guard let page = about.securityPage else {
                return [.heading(.notYouHeading), .paragraph(.notYouWithoutPage)]
            }
            return [
                .heading(.notYouHeading), .paragraph(.notYouWithPage),
                .link(.securityPageLabel, page),
            ]
        }
    }

    private static func page(_ title: String, _ body: String, language: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="\(language)">
        <head><meta charset="utf-8"><title>\(escaped(title))</title></head>
        <body style="margin:0;padding:24px;background:#f3f4f6;color:#111827;\
        font-family:sans-serif;font-size:16px;line-height:1.5">
        <div style="max-width:520px;margin:0 auto;padding:24px;background:#ffffff;\
        border-radius:8px">
        \(body)
        </div>
        </body>
        </html>

        """
    }

    /// What has a meaning in HTML, as text and within quotes.
    fileprivate static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            case _: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}

/// A paragraph in either form. Every value goes through `escaped` here and nowhere else.
private enum Block {
    case paragraph(MailSentence)
    case heading(MailSentence)
    case small(MailSentence)
    case code(String)
    case link(MailSentence, MailLink)
    case facts([(MailSentence, String)])

    func written(in language: MailLanguage) -> (text: String, html: String) {
        func said(_ sentence: MailSentence) -> (text: String, html: String) {
            let text = sentence.text(in: language)
            return (text, MailTemplates.escaped(text))
        }
        switch self {
        case .paragraph(let sentence):
            let (text, html) = said(sentence)
            return (text, "<p style=\"margin:0 0 16px\">\(html)</p>")
        case .heading(let sentence):
            let (text, html) = said(sentence)
            return (text, "<p style=\"margin:0 0 4px;font-weight:bold\">\(html)</p>")
        case .small(let sentence):
            let (text, html) = said(sentence)
            return (text, "<p style=\"margin:0;font-size:13px;color:#4b5563\">\(html)</p>")
        case .code(let digits):
            let style = "margin:0 0 16px;font-size:28px;letter-spacing:4px;font-family:monospace"
            return ("    " + digits, "<p style=\"\(style)\">\(MailTemplates.escaped(digits))</p>")
        case .link(let label, let link):
            let (text, html) = said(label)
            let target = MailTemplates.escaped(link.text)
            let anchor = "<a href=\"\(target)\" style=\"color:#1d4ed8\">\(html)</a>"
            return ("\(text): \(link.text)", "<p style=\"margin:0 0 16px\">\(anchor)</p>")
        case .facts(let rows):
            let lines = rows.map { label, value in (said(label), value) }
            return (
                lines.map { "\($0.0.text): \($0.1)" }.joined(separator: "\n"),
                "<p style=\"margin:0 0 16px;color:#4b5563\">"
                    + lines.map { "\($0.0.html): \(MailTemplates.escaped($0.1))" }
                    .joined(separator: "<br>") + "</p>"
            )
        }
    }
}
