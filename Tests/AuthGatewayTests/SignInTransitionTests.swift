import Contracts
import Fixtures
import Foundation
import Testing
import Wire

@testable import AuthGateway

/// The flow drawn as tables and compared with the committed drawing, so that a change of what a
/// sign-in does is a change of the picture.
/// `DUBBELSLOT_WRITE_DOCUMENTS=1 swift test --filter SignInTransitionTests` draws it anew.
struct SignInTransitionTests {
    @Test func `the committed tables are what the flow does`() throws {
        let file = URL(
            fileURLWithPath: RepositoryRoot.path("Tests/AuthGatewayTests/SignInTransitions.md"))
        let drawn = SignInDrawing.text
        if ProcessInfo.processInfo.environment["DUBBELSLOT_WRITE_DOCUMENTS"] == "1" {
            try drawn.write(to: file, atomically: true, encoding: .utf8)
        }
        let committed = try String(contentsOf: file, encoding: .utf8)
        #expect(committed == drawn, "draw the tables anew and review the difference")
    }

    @Test func `what a refusal leaves behind is what was there`() {
        for row in SignInDrawing.steps {
            for (_, flow) in SignInDrawing.states {
                var after = flow
                if case .refuse = after.on(row.event) { #expect(after == flow) }
            }
        }
    }
}

private enum SignInDrawing {
    private static let chosen = VerifierUID("chosen")!
    private static let other = VerifierUID("other")!
    private static let own = SignInFlow.Factor(
        authenticator: AuthenticatorID(high: 1, low: 1), verifier: chosen, kind: .totp)
    private static let foreign = SignInFlow.Factor(
        authenticator: AuthenticatorID(high: 2, low: 2), verifier: other, kind: .totp)

    /// A flow in each state; what is offered is the chosen one.
    static let states: [(String, SignInFlow)] = [
        ("deciding", flow(.deciding)),
        ("verifying", flow(.verifying(offered: [own.authenticator]))),
        ("binding", flow(.binding(offered: [chosen]))),
        ("changing password", flow(.changingPassword)),
        ("finished", flow(.finished)),
    ]

    private static func flow(_ state: SignInFlow.State) -> SignInFlow {
        SignInFlow(state: state, mustChangePassword: state == .changingPassword, proved: [])
    }

    private static let answer = "policy answers"

    static let steps: [(name: String, event: SignInFlow.Event)] = [
        (
            answer,
            .decided(
                Decision(version: 1, outcome: .allow, verifiers: [], rule: ""),
                SignInFlow.Bound(active: []), verifiers: [])
        ),
        ("a challenge of one offered", .challengeAsked(own.authenticator)),
        ("a challenge of another", .challengeAsked(foreign.authenticator)),
        ("code for one offered", .codeGiven(own.authenticator)),
        ("code for another", .codeGiven(foreign.authenticator)),
        ("one offered was proved", .proved(own)),
        ("another was proved", .proved(foreign)),
        ("one offered is chosen to bind", .verifierChosen(chosen)),
        ("another is chosen to bind", .verifierChosen(other)),
        ("first code of a binding", .codeGivenToBind),
        ("one offered was bound", .bound(own)),
        ("another was bound", .bound(foreign)),
        ("new password", .passwordGiven),
        ("password was replaced", .passwordReplaced),
    ]

    static var text: String {
        """
        # What a sign-in does

        Drawn from `SignInFlow` by `SignInTransitionTests`. Words in `code` are refusals, which
        leave the sign-in as it was; a dot is `step_out_of_order`.

        ## Steps: what happens in which state

        \(stepTable)

        ## Decisions: policy's answer, by what the user has

        A factor is *chosen* when it is bound under a verifier that policy has chosen. The initial
        password adds: where a session would open, a new password is asked first.

        \(decisionTable)

        """
    }

    // MARK: Steps

    private static var stepTable: String {
        var rows = [["event"] + states.map(\.0)]
        for (name, event) in steps {
            rows.append(
                [name]
                    + states.map { _, flow in
                        var flow = flow
                        let effect = flow.on(event)
                        if effect == .refuse(.stepOutOfOrder) { return "·" }
                        return name == answer ? "as below" : word(effect)
                    })
        }
        return table(rows)
    }

    private static func word(_ effect: SignInFlow.Effect) -> String {
        switch effect {
        case .askPolicy: "ask policy → deciding"
        case .offerVerification(let offered):
            offered == [own.authenticator] ? "offer to prove the chosen" : "offer to prove all"
        case .offerBinding(let offered): "offer to bind \(offered.map(\.text).joined())"
        case .offerNewPassword: "ask for a new password"
        case .beginChallenge: "send or ask it"
        case .checkCode: "check and consume it"
        case .beginBinding: "make a seed"
        case .confirmBinding: "check it, bind"
        case .replacePassword: "check and replace it"
        case .openSession(_, let level, _): "**session of level \(level)**"
        case .refuse(let reason): "`\(reason.rawValue)`"
        }
    }

    // MARK: Decisions

    /// What a user has bound, what he has proved of it, and whether some is disabled.
    private static let standings: [(String, [SignInFlow.Factor], Bool, [SignInFlow.Factor])] = [
        ("nothing bound", [], false, []),
        ("only disabled ones", [], true, []),
        ("a chosen one", [own], false, []),
        ("another one", [foreign], false, []),
        ("both", [own, foreign], false, []),
        ("both, the chosen proved", [own, foreign], false, [own]),
        ("another, proved", [foreign], false, [foreign]),
        ("both, the other proved", [own, foreign], false, [foreign]),
        ("the proved one is gone", [], false, [own]),
    ]

    private static var decisionTable: String {
        let outcomes = Outcome.allCases.sorted { $0.rawValue < $1.rawValue }
        var rows = [["the user has"] + outcomes.map { "policy: \($0)" }]
        for (name, active, isDisabled, proved) in standings {
            rows.append(
                [name]
                    + outcomes.map { outcome in
                        decide(outcome, active, isDisabled, proved)
                    })
        }
        return table(rows)
    }

    private static func decide(
        _ outcome: Outcome, _ active: [SignInFlow.Factor], _ someDisabled: Bool,
        _ proved: [SignInFlow.Factor]
    ) -> String {
        let event = SignInFlow.Event.decided(
            Decision(version: 1, outcome: outcome, verifiers: [chosen], rule: ""),
            SignInFlow.Bound(active: active, disabled: someDisabled ? [.totp] : []),
            verifiers: [chosen])
        var flow = SignInFlow(state: .deciding, mustChangePassword: false, proved: proved)
        var initial = SignInFlow(state: .deciding, mustChangePassword: true, proved: proved)
        let effects = (flow.on(event), initial.on(event))
        // An initial password changes nothing but what would have been a session.
        if case .openSession = effects.0 {
            return effects.1 == .offerNewPassword ? word(effects.0) : "?"
        }
        return effects.0 == effects.1 ? word(effects.0) : "?"
    }

    private static func table(_ rows: [[String]]) -> String {
        let lines = rows.map { "| " + $0.joined(separator: " | ") + " |" }
        let rule = "|" + String(repeating: "---|", count: rows[0].count)
        return ([lines[0], rule] + lines.dropFirst()).joined(separator: "\n")
    }
}
