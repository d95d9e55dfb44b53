import Audit
import Contracts
import Postgres
import RPC
import Wire

/// What trusted devices have to do with signing in.
extension SignInHandlers {
    /// The trust that a sign-in begins with, now that its password is proved. A token is nothing
    /// without: whoever has one alone learns nothing by it, and can do nothing to its owner.
    func trust(
        _ standing: TrustStanding, beside password: AuthenticatorID, of account: AccountRecord,
        _ call: Call
    ) async throws(Fault) -> ShownTrust? {
        switch standing {
        case .none: return nil
        case .current(let shown): return shown.beside(password)
        case .reused(let device):
            try await gateway.endReused(device, of: account, call)
            return nil
        }
    }

    /// What is to happen to trust when the session opens; nil for nothing.
    func openingTrust(
        _ trust: SignInFlow.Trust, _ beginning: Beginning, _ call: Call
    ) throws(Fault) -> OpeningTrust? {
        let shown = beginning.bearer ? nil : door.trust
        let user = beginning.account.id
        let change: OpeningTrust.Change
        let event: AuditEvent
        switch trust {
        case .untouched:
            guard shown != nil else { return nil }
            (change, event) = (.untouched, .trustedDeviceForgotten)
        case .used:
            guard let used = beginning.trust else {
                throw Fault(.internal, detail: "a trust was used that nobody showed")
            }
            (change, event) = (.used(used), .trustedDeviceUsed)
        case .given(let device):
            change = .given(device, id: try .fresh(), password: beginning.password)
            event = .deviceTrusted
        }
        return OpeningTrust(
            change: change, next: try .fresh(), shown: shown, title: DeviceTitle.of(door.agent),
            place: call.place,
            lifetime: gateway.trustedDevices.lifetimes.lifetime(of: beginning.account),
            audit: call.audit(event, actor: user, subject: user),
            auditOfEnded: call.audit(
                .sessionEnded, actor: user, subject: user,
                details: ["because": AuditEvent.trustedDeviceForgotten.rawValue]))
    }

    /// Whether the browser keeps what it holds, be it of somebody else who uses it.
    func isTrustKept(bearer: Bool) async throws(Fault) -> Bool {
        guard !bearer, let shown = door.trust else { return true }
        return try await stored { () throws(PostgresFault) in
            try await gateway.trustedDevices.isCurrent(shown)
        }
    }

    /// Gives the device what it holds from now on; nil where it is not trusted.
    func hold(
        _ trust: OpeningTrust?, _ session: SessionRecord, bearer: Bool
    ) -> DeviceTrusted? {
        guard let trust, let end = session.trustedUntil else { return nil }
        if !bearer { door.keep(trust.next, until: end, from: session.readAt) }
        return DeviceTrusted(expiresAt: end, token: bearer ? trust.next : nil)
    }
}

extension ShownTrust {
    /// Nil beside another password than the one it was given beside: also where a gateway died
    /// before it could raise the epoch.
    fileprivate func beside(_ password: AuthenticatorID) -> ShownTrust? {
        guard self.password.map({ $0 == password }) ?? true else { return nil }
        return ShownTrust(id: id, token: token, device: device, password: password)
    }
}

extension OpeningTrust {
    var isGiven: Bool {
        if case .given = change { true } else { false }
    }
}

// MARK: - A token that came again

extension Gateway {
    /// Ends the trust, and then tells its owner, once.
    func endReused(
        _ device: TrustedDeviceID, of account: AccountRecord, _ call: Call
    ) async throws(Fault) {
        let event = AuditEvent.trustedDeviceReused
        let isEnded = try await stored { () throws(PostgresFault) in
            try await trustedDevices.endReused(
                device,
                audit: call.audit(
                    event, subject: account.id, details: ["device": device.description]),
                auditOfEnded: call.audit(
                    .sessionEnded, subject: account.id, details: ["because": event.rawValue]))
        }
        if isEnded { try await tellOfReuse(device, to: account, call) }
    }

    private func tellOfReuse(
        _ device: TrustedDeviceID, to account: AccountRecord, _ call: Call
    ) async throws(Fault) {
        if let receiver = account.notify {
            _ = try await verification.sendNotice(
                SendNotice(
                    user: account.id, receiver: receiver, event: .trustedDeviceReused,
                    place: call.place),
                call)
        }
        try await stored { () throws(PostgresFault) in try await trustedDevices.told(device) }
    }

    /// Of all that were ended by a process that died, or could not reach the verification
    /// service, before it told their owners.
    func tellOfReuses() async throws(Fault) {
        let call = Call(caller: .service(identity: "sweep"))
        let untold = try await stored { () throws(PostgresFault) in
            try await trustedDevices.untold()
        }
        for one in untold {
            let account = try await stored { () throws(PostgresFault) in
                try await accounts.get(one.user)
            }
            if let account { try await tellOfReuse(one.device, to: account, call) }
        }
    }
}
