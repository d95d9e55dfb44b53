import Contracts
import Wire

/// What differs between two versions of the settings, as a pure function: the base first, then
/// rules in the order of their names, each field by itself.
enum SettingsComparison {
    /// As many as one answer holds.
    static let countMax = 100

    static func compare(
        _ before: TwoFactorSettings, _ after: TwoFactorSettings
    ) -> SettingsDifferences {
        var found = differences(.base, before.fields, after.fields)
        let (old, new) = (before.book.byName, after.book.byName)
        for name in Set(old.keys).union(new.keys).sorted(by: { $0.text < $1.text }) {
            switch (old[name], new[name]) {
            case (let old?, let new?):
                found += differences(name, old.fields, new.fields)
            case (let old?, nil):
                found.append(difference(name, "", old.summary, ""))
            case (nil, let new?):
                found.append(difference(name, "", "", new.summary))
            case (nil, nil): break
            }
        }
        return SettingsDifferences(
            from: before.version, to: after.version,
            differences: Array(found.prefix(countMax)), more: found.count > countMax)
    }

    private static func differences(
        _ rule: RuleName, _ before: [(name: String, text: String)],
        _ after: [(name: String, text: String)]
    ) -> [SettingsDifference] {
        zip(before, after).filter { $0.text != $1.text }
            .map { difference(rule, $0.name, $0.text, $1.text) }
    }

    private static func difference(
        _ rule: RuleName, _ field: String, _ before: String, _ after: String
    ) -> SettingsDifference {
        SettingsDifference(rule: rule, field: field, before: before.cut, after: after.cut)
    }
}

extension TwoFactorSettings {
    fileprivate var fields: [(name: String, text: String)] {
        [("enforcement", enforcement.rawValue), ("verifiers", verifiers.text(\.text))]
            + book.base.fields.map { ("requirements." + $0.name, $0.text) } + book.fields
    }
}

extension RuleBook {
    /// What it says beside the rules.
    fileprivate var fields: [(name: String, text: String)] {
        [
            ("protection.delayHours", protection?.delayHours?.description ?? ""),
            (
                "protection.secondAdministrator",
                protection?.secondAdministrator == true ? "true" : ""
            ),
            ("networks.denied", (networks?.denied ?? []).text(\.text)),
            ("networks.allowed", (networks?.allowed ?? []).text(\.text)),
            ("networks.administratorsFrom", (networks?.administratorsFrom ?? []).text(\.text)),
        ]
            + PolicyLimit.all.map {
                ("limits." + $0.name, $0.value(limits ?? LimitSettings())?.description ?? "")
            }
    }

    fileprivate var byName: [RuleName: Rule] {
        Dictionary(rules.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension Rule {
    fileprivate var fields: [(name: String, text: String)] {
        [
            ("description", description), ("roles", roles.text(\.rawValue)),
            ("users", users.text(\.description)), ("networks", networks.text(\.text)),
            ("exceptNetworks", exceptNetworks.text(\.text)),
            ("methods", methods.text(\.rawValue)),
        ] + requirements.fields.map { ("requirements." + $0.name, $0.text) }
    }

    /// All that it says.
    fileprivate var summary: String {
        fields.filter { !$0.text.isEmpty }.map { "\($0.name)=\($0.text)" }.joined(separator: " ")
    }
}

extension Requirements {
    fileprivate var fields: [(name: String, text: String)] {
        [
            ("enforcement", enforcement?.rawValue ?? ""), ("verifiers", verifiers.text(\.text)),
            ("strength", strength?.rawValue ?? ""),
            ("graceUntil", graceUntil?.description ?? ""),
            ("trustedDevices", trustedDevices?.description ?? ""),
            ("sessionSeconds", sessionSeconds?.description ?? ""),
            ("idleSeconds", idleSeconds?.description ?? ""),
            ("stepUpSeconds", stepUpSeconds?.description ?? ""),
            ("passwordLengthMin", passwordLengthMin?.description ?? ""),
            ("denied", denied ? "true" : ""),
        ]
    }
}

extension Array {
    fileprivate func text(_ word: (Element) -> String) -> String {
        map(word).joined(separator: " ")
    }
}

extension String {
    /// At most what a difference holds.
    fileprivate var cut: String {
        guard utf8.count > 1024 else { return self }
        var text = self
        while text.utf8.count > 1021 { text.removeLast() }
        return text + "…"
    }
}
