import Contracts
import Reactor
import Wire

/// What a change does to what the settings ask, as a pure function of both versions.
///
/// Settings are heard as voices: what is asked of everybody, what their own enforcement asks of
/// whom it names, and each rule. A decision takes the strictest word of the voices that fit. So
/// when each word of an old voice has a new voice beside it that fits wherever the old one does
/// and is at least as strict on that part, no decision is weaker in that part, whoever signs in
/// and from wherever. Where there is none the change counts as weakening, also where two voices
/// together would have done: it is not proved here that it is not.
struct SettingsWeighing: Sendable, Equatable {
    let weight: SettingsWeight
    /// The parts that may be asked less of, each once.
    let weakened: [PolicyPart]

    init(from old: SettingsVersion, to new: SettingsVersion) {
        weakened = Self.unkept(old, by: new)
        weight =
            if !weakened.isEmpty {
                .weakening
            } else if Self.unkept(new, by: old).isEmpty {
                .neutral
            } else {
                .strengthening
            }
    }

    /// The parts on which `settings` say something that `others` may not keep.
    private static func unkept(
        _ settings: SettingsVersion, by others: SettingsVersion
    ) -> [PolicyPart] {
        let voices = others.voices
        var unkept: Set<PolicyPart> = []
        for voice in settings.voices {
            let beside = voices.filter { $0.fitsWherever(voice) }.map(\.requirements)
            unkept.formUnion(
                PolicyPart.allCases.filter { part in
                    !voice.requirements.isKept(part, by: beside)
                })
        }
        if !settings.book.isProtectionKept(by: others.book) { unkept.insert(.protection) }
        let lists = settings.book.networks ?? NetworkLists()
        if !lists.isKept(by: others.book.networks ?? NetworkLists()) { unkept.insert(.networks) }
        let (limits, ofOthers) = (settings.book.limits ?? .init(), others.book.limits ?? .init())
        if !PolicyLimit.all.allSatisfy({ $0.isKept(limits, by: ofOthers) }) {
            unkept.insert(.limits)
        }
        return PolicyPart.allCases.filter(unkept.contains)
    }
}

extension SettingsVersion {
    /// All that is said, each with the conditions under which it is.
    fileprivate var voices: [Rule] {
        var everybody = book.base
        everybody.verifiers = verifiers
        everybody.trustedDevices = everybody.trustedDevices ?? false
        everybody.sessionSeconds = everybody.sessionSeconds ?? Obligations.sessionSecondsDefault
        everybody.idleSeconds = everybody.idleSeconds ?? Obligations.idleSecondsDefault
        everybody.stepUpSeconds = everybody.stepUpSeconds ?? Obligations.stepUpSecondsDefault
        let enforced: [Role] =
            switch enforcement {
            case .everyone: []
            case .administrators: [.administrator]
            }
        return [
            Rule(name: .base, requirements: everybody),
            Rule(
                name: .base, roles: enforced,
                requirements: Requirements(
                    enforcement: .required, graceUntil: book.base.graceUntil)),
        ] + book.rules
    }
}

extension Rule {
    /// Whether it fits all facts that `other` fits.
    fileprivate func fitsWherever(_ other: Rule) -> Bool {
        Self.takes(roles, other.roles) && Self.takes(users, other.users)
            && Self.takes(methods, other.methods)
            && (networks.isEmpty || !other.networks.isEmpty && other.networks.are(in: networks))
            && exceptNetworks.are(in: other.exceptNetworks)
    }

    private static func takes<Word: Hashable>(_ mine: [Word], _ others: [Word]) -> Bool {
        mine.isEmpty || !others.isEmpty && Set(others).isSubset(of: mine)
    }
}

extension Requirements {
    /// Whether one of those that stand beside says as much on a part. What is the least that can
    /// be said on it needs no keeping.
    fileprivate func isKept(_ part: PolicyPart, by beside: [Requirements]) -> Bool {
        switch part {
        case .enforcement:
            guard let level = enforcement, level > .off else { return true }
            return beside.contains { $0.enforcement ?? .off >= level }
        case .grace:
            guard enforcement == .required else { return true }
            return beside.contains { $0.enforcement == .required && $0.isGraceWithin(graceUntil) }
        case .verifiers:
            guard !verifiers.isEmpty else { return true }
            return beside.contains {
                !$0.verifiers.isEmpty && Set($0.verifiers).isSubset(of: verifiers)
            }
        case .strength:
            guard let strength, strength > .any else { return true }
            return beside.contains { $0.strength ?? .any >= strength }
        case .trustedDevices:
            return trustedDevices != false || beside.contains { $0.trustedDevices == false }
        case .sessionLifetime: return isKept(sessionSeconds, by: beside, \.sessionSeconds, <=)
        case .sessionIdle: return isKept(idleSeconds, by: beside, \.idleSeconds, <=)
        case .stepUp: return isKept(stepUpSeconds, by: beside, \.stepUpSeconds, <=)
        case .passwordLength:
            guard passwordLengthMin ?? 0 > 0 else { return true }
            return isKept(passwordLengthMin, by: beside, \.passwordLengthMin, >=)
        case .denied: return !denied || beside.contains(where: \.denied)
        case .protection, .networks, .limits: return true
        }
    }

    private func isKept(
        _ number: UInt32?, by beside: [Requirements], _ field: (Requirements) -> UInt32?,
        _ isAsStrict: (UInt32, UInt32) -> Bool
    ) -> Bool {
        guard let number else { return true }
        return beside.contains { field($0).map { isAsStrict($0, number) } ?? false }
    }

    private func isGraceWithin(_ date: Timestamp?) -> Bool {
        guard let graceUntil else { return true }
        return date.map { graceUntil <= $0 } ?? false
    }
}

extension RuleBook {
    /// Whether whoever could not weaken the settings by himself cannot by the others either.
    fileprivate func isProtectionKept(by others: RuleBook) -> Bool {
        let (mine, its) = (protection ?? .init(), others.protection ?? .init())
        return (its.secondAdministrator || !mine.secondAdministrator)
            && its.delayRank >= mine.delayRank
    }
}

extension WeakeningProtection {
    /// By which two delays are compared: what is left to the default is a little less than the
    /// same said, for on the first day it is nothing.
    fileprivate var delayRank: UInt64 {
        delayHours.map { 2 * UInt64($0) + 1 } ?? 2 * UInt64(WeakeningDelay.hoursDefault)
    }
}

/// How long weaker settings wait.
///
/// A day by default, so that a weakening that nobody wants, by a stolen session or an
/// administrator who was talked into it, is seen before it is in force (P-05). On the first day of
/// an installation nobody can see it who has not made it, and whoever sets it up tries things out:
/// then nothing waits unless the settings say so themselves.
enum WeakeningDelay {
    static let hoursDefault: UInt32 = 24
    /// Of the installation's first version, by the database's clock.
    static let firstDay: Duration = .seconds(24 * 3600)
    static let hours: ClosedRange<UInt32> = 0...72
}
