import Audit
import Contracts
import HTTP
import Postgres
import RPC
import Wire

extension AccountHandlers {
    /// Only to hosts that an operator has named, and only with the level that is wanted there. On
    /// a host of our own pages the browser has the session already.
    func handOver(_ request: HandOver, _ call: Call) async throws(Fault) -> HandedOver {
        let session = try await gateway.session(of: call)
        let hosts = gateway.protectedHosts
        guard let host = Origin(request.host), let level = hosts.level(at: host) else {
            throw Fault(.hostNotProtected, detail: "no protected host")
        }
        guard let target = PageTarget(request.target) else {
            throw Fault(.malformed, detail: "no target")
        }
        guard session.level >= level else { throw Fault(.stepUpRequired) }
        if hosts.isOwn(host) { return HandedOver(location: "\(host)\(target.text)") }
        let code = try HandOverCode.fresh()
        let user = session.account.id
        let isBegun = try await stored { () throws(PostgresFault) in
            try await gateway.handOvers.begin(
                code, of: session, to: host, request.challenge, target,
                audit: call.audit(
                    .sessionHandedOver, actor: user, subject: user,
                    details: ["host": host.description]))
        }
        guard isBegun else { throw Fault(.notSignedIn) }
        return HandedOver(location: "\(host)\(ProtectedDoor.returnPath)?code=\(code.text)")
    }
}
