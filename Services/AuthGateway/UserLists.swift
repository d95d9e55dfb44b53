import Contracts
import Postgres
import RPC
import Wire

/// Which users a list is of.
enum UserFilter: String, Sendable, CaseIterable {
    case everybody = ""
    case bound
    case notBound = "not_bound"
    case locked
    case disabled
    case administrators

    /// What the gateway's own table says of it; `u` is the user.
    var condition: SQL {
        switch self {
        case .everybody, .bound, .notBound, .locked: "true"
        case .disabled: "u.state <> 'active'"
        case .administrators: "'administrator' = ANY (u.roles)"
        }
    }

    /// Whether it goes by what the verification service alone knows.
    var isOfFactors: Bool {
        switch self {
        case .bound, .notBound, .locked: true
        case .everybody, .disabled, .administrators: false
        }
    }

    func includes(_ standing: FactorStanding) -> Bool {
        switch self {
        case .bound: standing.bound > 0
        case .notBound: standing.bound == 0
        case .locked: standing.isLocked
        case .everybody, .disabled, .administrators: true
        }
    }
}

/// What the verification service knows of a user, as far as lists of users show it.
struct FactorStanding: Sendable, Equatable {
    /// Second factors, disabled ones too.
    var bound: UInt32 = 0
    var isLocked = false

    /// Of whoever has just been made.
    static let nothing = FactorStanding()
}

extension AdminHandlers {
    /// Users looked at in one call: no page costs more, however few of them it is about.
    static let examinedMax = 2000
    private static let limitMax: UInt32 = 200
    private static let limitStandard: UInt32 = 50

    func listUsers(_ request: ListUsers, _ call: Call) async throws(Fault) -> UserList {
        _ = try await gateway.administrator(of: call)
        guard request.limit <= Self.limitMax else {
            throw Fault(.malformed, detail: "limit over \(Self.limitMax)")
        }
        guard let filter = UserFilter(rawValue: request.only) else {
            throw Fault(.malformed, detail: "no kind of users")
        }
        let limit = Int(request.limit == 0 ? Self.limitStandard : request.limit)
        var users: [UserView] = []
        var (after, examined) = (request.after, 0)
        while examined < Self.examinedMax {
            let most = Gateway.standingsMax
            let size = filter.isOfFactors ? most : min(most, limit - users.count)
            let found = try await look(after: after, size + 1, request.search, filter)
            let batch = Array(found.prefix(size))
            for (number, view) in try await views(of: batch, filter, call).enumerated() {
                guard let view else { continue }
                users.append(view)
                guard users.count == limit else { continue }
                let isLast = number + 1 == found.count
                return UserList(users: users, next: isLast ? "" : batch[number].listKey)
            }
            guard found.count > size, let last = batch.last else {
                return UserList(users: users, next: "")
            }
            after = last.listKey
            examined += size
        }
        return UserList(users: users, next: after)
    }

    private func look(
        after: String, _ count: Int, _ search: String, _ filter: UserFilter
    ) async throws(Fault) -> [AccountRecord] {
        try await stored { () throws(PostgresFault) in
            try await gateway.accounts.page(
                after: after, limit: Int64(count), search: SignInKey(search).text, only: filter)
        }
    }

    /// A view of each; nil for one whom the filter leaves out. Where it goes by what is bound,
    /// nobody is listed of whom that is not known.
    private func views(
        of accounts: [AccountRecord], _ filter: UserFilter, _ call: Call
    ) async throws(Fault) -> [UserView?] {
        guard filter.isOfFactors else { return await gateway.views(of: accounts, call) }
        let standings = try await gateway.standings(of: accounts.map(\.id), call)
        return zip(accounts, standings).map { account, standing in
            filter.includes(standing) ? account.view(standing) : nil
        }
    }

    func getUser(_ request: GetUser, _ call: Call) async throws(Fault) -> UserView {
        _ = try await gateway.administrator(of: call)
        return await gateway.view(of: try await find(request.user), call)
    }

    func listUserAuthenticators(
        _ request: ListUserAuthenticators, _ call: Call
    ) async throws(Fault) -> UserAuthenticators {
        _ = try await gateway.administrator(of: call)
        let account = try await find(request.user)
        let list = try await gateway.verification.listAuthenticators(
            ListAuthenticators(user: account.id), call)
        return UserAuthenticators(
            authenticators: list.authenticators, recoveryCodesLeft: list.recoveryCodesLeft)
    }
}

extension AccountRecord {
    /// By what lists of users are ordered.
    fileprivate var listKey: String { SignInKey(userName).text }
}

extension Gateway {
    /// Users asked about at once.
    static let standingsMax = 100

    /// Of at most `standingsMax` users, in their order.
    func standings(
        of users: [UserID], _ call: Call
    ) async throws(Fault) -> [FactorStanding] {
        guard !users.isEmpty else { return [] }
        let list = try await verification.listBound(ListBound(users: users), call)
        var standings: [UserID: FactorStanding] = [:]
        for factor in list.factors where factor.verifier != nil {
            standings[factor.user, default: .nothing].bound += 1
        }
        for user in list.locked { standings[user, default: .nothing].isLocked = true }
        return users.map { standings[$0] ?? .nothing }
    }

    /// Users are shown, and what was done to one is answered, also while the verification service
    /// is away: without what it knows of them.
    func views(of accounts: [AccountRecord], _ call: Call) async -> [UserView] {
        do throws(Fault) {
            let standings = try await standings(of: accounts.map(\.id), call)
            return zip(accounts, standings).map { $0.view($1) }
        } catch {
            return accounts.map { $0.view(nil) }
        }
    }

    func view(of account: AccountRecord, _ call: Call) async -> UserView {
        await views(of: [account], call).first ?? account.view(nil)
    }
}
