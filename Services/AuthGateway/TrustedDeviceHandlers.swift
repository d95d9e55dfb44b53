import Audit
import Contracts
import Postgres
import RPC
import Wire

/// One's own trusted devices. Ending a trust only ever asks for more, so it wants no fresh proof:
/// whoever has lost a device has perhaps lost his factor with it.
extension AccountHandlers {
    func listTrustedDevices(
        _ request: ListOwnTrustedDevices, _ call: Call
    ) async throws(Fault) -> TrustedDeviceList {
        let session = try await gateway.session(of: call)
        return try await gateway.trustedDevices(of: session.account.id, showing: door.trust)
    }

    func forgetTrustedDevice(
        _ request: ForgetOwnTrustedDevice, _ call: Call
    ) async throws(Fault) -> TrustedDevicesForgotten {
        let session = try await gateway.session(of: call)
        let forgotten = try await forget(
            .one(request.device, of: session.account.id), session, call)
        guard forgotten.forgotten > 0 else { throw Fault(.trustedDeviceNotFound) }
        return forgotten
    }

    func forgetTrustedDevices(
        _ request: ForgetOwnTrustedDevices, _ call: Call
    ) async throws(Fault) -> TrustedDevicesForgotten {
        let session = try await gateway.session(of: call)
        return try await forget(.all(of: session.account.id), session, call)
    }

    private func forget(
        _ which: TrustedDevices.Forgotten, _ session: SessionRecord, _ call: Call
    ) async throws(Fault) -> TrustedDevicesForgotten {
        let user = session.account.id
        let event = AuditEvent.trustedDeviceForgotten
        return try await stored { () throws(PostgresFault) in
            let count = try await gateway.trustedDevices.forget(
                which, keeping: session.id,
                audit: call.audit(event, actor: user, subject: user),
                auditOfEnded: call.audit(
                    .sessionEnded, actor: user, subject: user,
                    details: ["because": event.rawValue]))
            if let shown = door.trust,
                try await !gateway.trustedDevices.isCurrent(shown)
            {
                door.forgetTrust()
            }
            return TrustedDevicesForgotten(forgotten: UInt32(clamping: count))
        }
    }
}

extension AdminHandlers {
    func listTrustedDevices(
        _ request: ListTrustedDevices, _ call: Call
    ) async throws(Fault) -> TrustedDeviceList {
        _ = try await gateway.administrator(of: call)
        try await mustExist(request.user)
        return try await gateway.trustedDevices(of: request.user, showing: nil)
    }

    func forgetTrustedDevices(
        _ request: ForgetTrustedDevices, _ call: Call
    ) async throws(Fault) -> TrustedDevicesForgotten {
        let admin = try await gateway.freshAdministrator(of: call, because: request.reason)
        let user = request.user
        try await mustExist(user)
        let event = AuditEvent.trustedDeviceForgotten
        let count = try await stored { () throws(PostgresFault) in
            try await gateway.trustedDevices.forget(
                request.device.map { .one($0, of: user) } ?? .all(of: user),
                audit: call.audit(
                    event, actor: admin.account.id, subject: user,
                    details: ["reason": request.reason]),
                auditOfEnded: call.audit(
                    .sessionEnded, actor: admin.account.id, subject: user,
                    details: ["because": event.rawValue]))
        }
        guard request.device == nil || count > 0 else { throw Fault(.trustedDeviceNotFound) }
        return TrustedDevicesForgotten(forgotten: UInt32(clamping: count))
    }

    private func mustExist(_ user: UserID) async throws(Fault) {
        let account = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.get(user)
        }
        guard account != nil else { throw Fault(.userNotFound) }
    }
}

extension Gateway {
    fileprivate func trustedDevices(
        of user: UserID, showing shown: TrustToken?
    ) async throws(Fault) -> TrustedDeviceList {
        TrustedDeviceList(
            devices: try await stored { () throws(PostgresFault) in
                try await trustedDevices.list(of: user, showing: shown)
            })
    }

    /// Ends everybody's trust, because policy allows none.
    func forgetTrust(
        by admin: SessionRecord, because reason: String, _ call: Call
    ) async throws(Fault) {
        let user = admin.account.id
        let event = AuditEvent.trustedDeviceForgotten
        _ = try await stored { () throws(PostgresFault) in
            try await trustedDevices.forget(
                .everybodys,
                audit: call.audit(event, actor: user, subject: user, details: ["reason": reason]),
                auditOfEnded: call.audit(
                    .sessionEnded, actor: user, subject: user,
                    details: ["because": event.rawValue]))
        }
    }
}
