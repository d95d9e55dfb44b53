import Contracts
import RPC
import Wire

/// The gateway's public services behind both doors, HTTP and RPC: the same handlers, the same
/// codings. A method's high byte names its service.
struct GatewayDispatcher: Dispatcher {
    let gateway: Gateway
    /// Nil where nothing is limited.
    var limits: CallLimits? = nil

    /// What the gateway serves, in the order of the documents.
    static var contracts: [any Contract.Type] {
        [SignInContract.self, AccountContract.self, SessionContract.self, AdminContract.self]
    }

    /// All of them.
    static let methods: [MethodDescription] = contracts.flatMap { $0.methods }

    /// A call over RPC: the session token of the user acted for came with the frame.
    func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        try await answer(method, coding, body, call.entered, Door(.rpc, isTraced: true))
    }

    func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call, _ door: Door
    ) async throws(Fault) -> [UInt8] {
        try limits?.admit(method, from: call.caller)
        switch UInt8(method >> 8) {
        case SignInContract.service.number:
            do throws(Fault) {
                return try await SignInDispatcher(SignInHandlers(gateway: gateway, door: door))
                    .answer(method, coding, body, call)
            } catch {
                gateway.signIns?.refused(error.reason)
                throw error
            }
        case AccountContract.service.number:
            return try await AccountDispatcher(AccountHandlers(gateway: gateway, door: door))
                .answer(method, coding, body, call)
        case SessionContract.service.number:
            return try await SessionDirectoryDispatcher(
                SessionHandlers(gateway: gateway, door: door)
            ).answer(method, coding, body, call)
        case AdminContract.service.number:
            return try await AdministrationDispatcher(AdminHandlers(gateway: gateway))
                .answer(method, coding, body, call)
        case _:
            throw Fault(.methodUnknown)
        }
    }
}
