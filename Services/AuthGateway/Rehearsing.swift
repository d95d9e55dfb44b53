import Contracts
import Postgres
import RPC
import Wire

/// Rehearses sign-ins of many users by proposed settings, or by those in force.
struct Rehearsing: Sendable {
    let gateway: Gateway
    let verifiers: [VerifierView]
    /// Nil for the settings in force.
    let proposed: UpdateTwoFactorSettings?
    /// Where everybody comes from; empty where nobody can tell.
    let address: String

    /// Decisions asked for at once.
    private static let batchMax = 50
    /// Administrators looked at; more than that are not all locked out by a slip.
    private static let administratorsMax: Int64 = 100

    /// What every user's sign-in would come to, in their order.
    func prospects(
        of accounts: [AccountRecord], _ call: Call
    ) async throws(Fault) -> [Prospect] {
        var rehearsals = try await begin(accounts, call)
        var open = Array(rehearsals.indices)
        while !open.isEmpty {
            for start in stride(from: 0, to: open.count, by: Self.batchMax) {
                let batch = open[start..<min(start + Self.batchMax, open.count)]
                let answer = try await gateway.policy.decideProposed(
                    DecideProposed(
                        proposed: proposed,
                        facts: batch.map { rehearsals[$0].facts(from: address) }),
                    call)
                guard answer.decisions.count == batch.count else {
                    throw Fault(.internal, detail: "another number of decisions than asked for")
                }
                for (index, decision) in zip(batch, answer.decisions) {
                    rehearsals[index].take(decision, verifiers)
                }
            }
            open.removeAll { rehearsals[$0].prospect != nil }
        }
        return rehearsals.map { $0.prospect ?? .lockedOut }
    }

    /// How many administrators could sign in, of those that are looked at.
    func administratorsLeft(_ call: Call) async throws(Fault) -> Int {
        let administrators = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.administrators(limit: Self.administratorsMax)
        }
        return try await prospects(of: administrators, call).count { $0 != .lockedOut }
    }

    /// What users have bound and may put off is read together, as a sign-in reads it by itself.
    private func begin(
        _ accounts: [AccountRecord], _ call: Call
    ) async throws(Fault) -> [Rehearsal] {
        let users = accounts.map(\.id)
        let factors = try await gateway.verification.listBound(ListBound(users: users), call)
            .factors
        let standing = try await stored { () throws(PostgresFault) in
            try await gateway.grace.standing(of: users)
        }
        let byUser = Dictionary(grouping: factors, by: \.user)
        return accounts.map { account in
            Rehearsal(
                of: account, SignInFlow.Bound(byUser[account.id] ?? []),
                standing.grants[account.id], at: standing.now)
        }
    }
}

extension SignInFlow.Bound {
    /// Recovery codes stand in for what is bound, and for nothing where nothing is.
    fileprivate init(_ factors: [BoundFactor]) {
        let own = factors.filter { $0.verifier != nil }
        let active = own.filter { !$0.disabled }
        self.init(
            active: active.map {
                SignInFlow.Factor(
                    authenticator: $0.authenticator, verifier: $0.verifier, kind: $0.kind)
            },
            disabled: own.filter(\.disabled).map(\.kind),
            recovery: own.isEmpty ? nil : factors.first { $0.kind == .recovery }?.authenticator)
    }
}

extension AdminHandlers {
    /// A page of users by both settings. It changes nothing, so it wants no fresh proof.
    func tryTwoFactorSettings(
        _ request: TryTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> SettingsTried {
        let admin = try await gateway.administrator(of: call)
        let address = request.address.isEmpty ? call.place : request.address
        let verifiers = try await existing(for: request.settings, call)
        let then = Rehearsing(
            gateway: gateway, verifiers: verifiers, proposed: request.settings, address: address)
        let now = Rehearsing(
            gateway: gateway, verifiers: verifiers, proposed: nil, address: address)
        let page = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.page(
                after: request.after, limit: Self.usersATime + 1, search: "")
        }
        let looked = page.prefix(Int(Self.usersATime))
        let users = looked.filter { !$0.disabled }
        let after = try await then.prospects(of: users, call)
        let before = try await now.prospects(of: users, call)
        let touched = zip(users, zip(before, after)).compactMap { user, prospects in
            TouchedUser(user, now: prospects.0, then: prospects.1)
        }
        let next = page.count > looked.count ? looked.last.map { SignInKey($0.userName).text } : nil
        let own = try await then.prospects(of: [admin.account], call)
        func count(_ prospect: Prospect) -> UInt32 {
            UInt32(clamping: after.count { $0 == prospect })
        }
        return SettingsTried(
            examined: UInt32(clamping: users.count), bind: count(.bind), verify: count(.verify),
            grace: count(.grace), lockedOut: count(.lockedOut), users: touched, next: next ?? "",
            caller: own.first ?? .lockedOut,
            administratorsLeft: try await then.administratorsLeft(call) > 0)
    }

    /// Users looked at in one call.
    private static let usersATime: Int64 = 100
}

extension TouchedUser {
    /// Nil for a user for whom nothing changes and who can sign in.
    fileprivate init?(_ account: AccountRecord, now: Prospect, then: Prospect) {
        guard now != then || then == .lockedOut else { return nil }
        self.init(
            user: account.id, userName: account.userName, displayName: account.displayName,
            now: now, then: then)
    }
}
