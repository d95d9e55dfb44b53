import Hosting
import RPC
import Wire

/// One thing that the doctor proves: a pure judgement of what was seen. All that is said of it
/// stands in its declaration.
struct DoctorCheck: Sendable {
    enum Outcome: Sendable, Equatable {
        case passed
        /// With what was seen.
        case failed(String)
        /// With what stood in the way.
        case untried(String)
    }

    let name: String
    /// What to do where it fails.
    let remedy: String
    let judge: @Sendable (DoctorFacts) -> Outcome

    /// - Parameters:
    ///   - fact: What it looks at.
    ///   - complaint: What is wrong with that; nil for nothing.
    private init<Fact>(
        _ name: String, _ fact: @escaping @Sendable (DoctorFacts) -> Gathered<Fact>,
        otherwise remedy: String, _ complaint: @escaping @Sendable (Fact) -> String?
    ) {
        self.name = name
        self.remedy = remedy
        judge = { facts in
            switch fact(facts) {
            case .known(let fact): complaint(fact).map { .failed($0) } ?? .passed
            case .unknown(let why): .untried(why)
            }
        }
    }

    static let all = [
        usedCode, limits, canaryErased, seeds, roles, strangers, clocks, durability, certificates,
        secrets,
    ]
}

// MARK: - Codes

extension DoctorCheck {
    static let usedCode = DoctorCheck(
        "a code works once", { $0.canary },
        otherwise: """
            Let nobody sign in, and see whether all instances of the verification service run this \
            version on one database.
            """
    ) { canary in
        let accepted = canary.sameCode.count { $0 == .accepted }
        guard accepted == 1 else {
            return "of \(canary.sameCode.count) submissions at once \(accepted) were accepted"
        }
        guard canary.sameCode.contains(.refused(.codeUsed)) else {
            return "none of \(canary.sameCode.count) submissions at once was refused as used"
        }
        return canary.sameCodeAgain == .accepted ? "it was accepted again later" : nil
    }

    static let limits = DoctorCheck(
        "wrong codes are counted", { $0.canary },
        otherwise: """
            Let nobody sign in, and see whether all instances of the verification service run this \
            version on one database.
            """
    ) { canary in
        let sent = canary.wrongCodes.count
        let judged = canary.wrongCodes.count { $0 == .refused(.codeWrong) }
        guard !canary.wrongCodes.contains(.accepted) else { return "a wrong code was accepted" }
        guard judged < sent else { return "all of \(sent) wrong codes at once were judged" }
        switch canary.wrongCodeAfter {
        case .refused(.attemptsDelayed), .refused(.attemptsExhausted): return nil
        case .refused(let reason): return "the next wrong code met \(reason.rawValue) only"
        case .accepted: return "a wrong code was accepted"
        }
    }

    static let canaryErased = DoctorCheck(
        "the trial account is gone", { $0.canary },
        otherwise: "Run the doctor again while the verification service answers."
    ) { $0.isErased ? nil : "what was bound for the trial could not be erased" }

    static let seeds = DoctorCheck(
        "seeds are sealed", { $0.sealing },
        otherwise: """
            Take the database for known to whoever could read it or a copy of it: have all bind \
            their authenticators anew.
            """
    ) { sealing in
        if sealing.showsSeed { return "the trial account's seed can be read in the database" }
        guard sealing.unsealedRows > 0 else { return nil }
        return "\(sealing.unsealedRows) rows hold something that is no sealed value"
    }
}

// MARK: - What it stands on

extension DoctorCheck {
    static let roles = DoctorCheck(
        "roles see their own schema only", { $0.excessiveRights },
        otherwise: "Run Services/database.sql again and revoke what is named."
    ) { rights in rights.isEmpty ? nil : rights.joined(separator: "; ") }

    static let strangers = DoctorCheck(
        "TLS refuses strangers", { $0.doors },
        otherwise: """
            See that DUBBELSLOT_AUTHORITY_FILE of the service names the installation's own \
            authority and no other, and that nothing before it ends TLS.
            """
    ) { doors in
        let open = doors.filter { $0.finding == .letIn }.map(\.role.rawValue)
        guard open.isEmpty else {
            return "a certificate of another authority is taken by \(open.joined(separator: ", "))"
        }
        return nil
    }

    /// As much as the verification service puts up with before it judges no codes any more.
    private static let clockSkewMax = Duration.seconds(5)

    static let clocks = DoctorCheck(
        "clocks agree", { $0.clockSkew },
        otherwise: "Let this machine and the database's take the time from NTP."
    ) { skew in
        let skew = skew < .zero ? Duration.zero - skew : skew
        return skew <= clockSkewMax ? nil : "they differ by \(skew.components.seconds) s"
    }

    static let durability = DoctorCheck(
        "what is answered is on the disk", { $0.durability },
        otherwise: """
            Switch what is named on in postgresql.conf or for the role: after a crash a used code \
            could work again.
            """
    ) { settings in
        let wrong = settings.filter { !$0.isKept }
        guard wrong.isEmpty else {
            return wrong.map { setting in
                let whose = setting.role.map { " of \($0)" } ?? ""
                return "\(setting.name)\(whose) is \(setting.value)"
            }.joined(separator: ", ")
        }
        return nil
    }

    /// Half of the time in which certificates are renewed: whoever is told has missed that.
    private static let lifeMin = Duration.seconds(15 * 86_400)

    static let certificates = DoctorCheck(
        "certificates have time left", { $0.certificates },
        otherwise: "Run `auth-gateway certificates`, and send the services SIGHUP."
    ) { certificates in
        let short = certificates.filter { $0.left < lifeMin }
        guard !short.isEmpty else { return nil }
        return short.map { certificate in
            let days = certificate.left.components.seconds / 86_400
            return certificate.left > .zero
                ? "\(certificate.file) ends in \(days) days" : "\(certificate.file) has ended"
        }.joined(separator: ", ")
    }

    static let secrets = DoctorCheck(
        "secrets are closed to others", { $0.openSecrets },
        otherwise: "Give each file the mode 600, and replace what it holds if others were here."
    ) { files in
        files.isEmpty ? nil : "others may read or change \(files.joined(separator: ", "))"
    }
}
