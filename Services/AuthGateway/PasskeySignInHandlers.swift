import Audit
import Contracts
import Crypto
import Postgres
import RPC
import Wire

/// A sign-in by a passkey alone, which says by itself whose it is. From then on it is a sign-in
/// like any other: disabled users, epochs, policy and the floor hold; only a password is neither
/// proved nor asked to be replaced.
extension SignInHandlers {
    func beginPasskey(
        _ request: BeginPasskeySignIn, _ call: Call
    ) async throws(Fault) -> PasskeySignIn {
        _ = try door.wantsBearer(request.bearer)
        _ = try await gateway.admission(of: call)
        let ticket = try Ticket.fresh()
        let challenge = try await gateway.verification.beginPasskeyChallenge(
            BeginPasskeyChallenge(context: ticket.passkeyContext), call)
        return PasskeySignIn(
            ticket: ticket, expiresAt: challenge.expiresAt, passkey: challenge.passkey)
    }

    func completePasskey(
        _ request: CompletePasskeySignIn, _ call: Call
    ) async throws(Fault) -> NextStep {
        let id = try ContextID.fresh()
        let call = call.step(of: id)
        door.joined(call.trace)
        let bearer = try door.wantsBearer(request.bearer)
        let edge = try await gateway.admission(of: call)
        let verdict = try await gateway.verification.checkPasskey(
            CheckPasskey(
                context: request.ticket.passkeyContext, passkey: request.passkey,
                notify: try await owner(of: request.passkey, call),
                origin: door.origin(of: call)),
            call)
        let found = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.get(verdict.user)
        }
        let account = try await edge.visible(found, in: gateway, call)
        guard let account, !account.disabled else {
            throw Fault(.passkeyRefused, detail: "no active user")
        }
        let device = try await stored { () throws(PostgresFault) in
            try await gateway.devices.find(bearer ? nil : door.device, of: account.id)
        }
        return try await begin(
            SignInFlow(
                passkey: SignInFlow.Factor(verdict.authenticator),
                trusting: request.trustDevice),
            Beginning(
                id: id, account: account, password: nil, bearer: bearer, device: device,
                changed: .passkeyRefused),
            call)
    }

    /// Who is told where the passkey that is claimed here seems to be a copy.
    private func owner(
        of passkey: PasskeyAssertion, _ call: Call
    ) async throws(Fault) -> NoticeReceiver? {
        let found = try await gateway.verification.findPasskey(FindPasskey(id: passkey.id), call)
        guard let user = found.user else { return nil }
        return try await stored { () throws(PostgresFault) in
            try await gateway.accounts.get(user)
        }?.notify
    }
}

extension Ticket {
    /// Where the challenge of a sign-in by passkey belongs to, before there is anything to store:
    /// nobody finds it without the ticket.
    var passkeyContext: ContextID {
        let text = "dubbelslot passkey context " + self.text
        return ContextID(random: Digest.sha256(Array(text.utf8)).prefix(16))!
    }
}
