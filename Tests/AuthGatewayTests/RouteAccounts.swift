import Audit
import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What the methods that begin and end accounts name in the route table.
struct RouteAccounts: Sendable {
    /// From a link that was sent to an address of nobody.
    let signUp: SignUpToken
    /// That the other user's second factors go; he is an administrator then.
    let resetRequest: ResetRequestID
}

extension Route {
    var isOfRequests: Bool {
        [
            AdminContract.requestReset.number, AdminContract.approveReset.number,
            AdminContract.refuseReset.number,
        ].contains(method.number)
    }
}

extension Gatehouse {
    /// - Parameters:
    ///   - user: Who calls; no newcomer.
    ///   - other: Whom it concerns.
    func prepare(
        _ route: Route?, _ user: TestUser, _ other: TestUser, _ number: Int
    ) async throws -> RouteAccounts {
        let token = try SignUpToken.fresh()
        let request = try ResetRequestID.fresh()
        if route?.method.number == SignInContract.confirmSignUp.number {
            let email = try #require(EmailAddress(parsing: "signing\(number)@example.org"))
            _ = try await on { gateway in
                try await gateway.signUps.begin(
                    email, locale: "en", token, newUser: try .fresh(),
                    audit: Call.from().audit(.signUpBegun, subject: user.id))
            }
        }
        if route?.method.number == AdminContract.renewInvitation.number {
            let email = "waiting\(number)@example.org"
            try sql(
                "UPDATE auth.users SET email = '\(email)', email_key = '\(email)' "
                    + "WHERE id = '\(other.id)'")
            verification.state.withLock { $0.passwords[other.id] = nil }
        }
        if let route,
            route.isOfRequests || route.method.number == AdminContract.approveSettings.number
        {
            try sql(
                "UPDATE auth.users SET roles_since = roles_since - interval '2 days' "
                    + "WHERE id = '\(user.id)'")
        }
        if let route, route.isOfRequests {
            try sql("UPDATE auth.users SET roles = '{administrator}' WHERE id = '\(other.id)'")
            let asker = try await makeUser("asker\(number)", roles: [.administrator]).id
            _ = try await on { gateway in
                try await gateway.resetRequests.ask(
                    request, of: other.id, by: asker, because: "lost",
                    audit: Call.from().audit(.resetRequested, subject: other.id))
            }
        }
        return RouteAccounts(signUp: token, resetRequest: request)
    }
}
