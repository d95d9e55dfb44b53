import Contracts
import RPC
import Wire

/// The way a call came in, and what its answer carries besides the message: a browser's answer
/// may set or clear cookies; everybody else holds his token himself. Made for one
/// call, used on its loop.
///
/// `@unchecked Sendable`: a door belongs to one request and is only touched by the one task that
/// answers it.
final class Door: @unchecked Sendable {
    enum Kind: Sendable, Equatable {
        /// HTTP: cookies unless a token is asked for.
        case http
        /// A page of another origin that an operator has listed: tokens only.
        case frontend
        /// RPC: tokens only.
        case rpc
    }

    /// What the answer does to the browser's session cookie.
    enum CookieChange: Equatable {
        case none
        case set(SessionToken, maxAgeSeconds: Int64)
        case clear
    }

    /// What the answer does to what the browser holds as a trusted device.
    enum TrustChange: Equatable {
        case none
        case set(TrustToken, maxAgeSeconds: Int64)
        case clear
    }

    let kind: Kind
    /// The credential came as a cookie, not as a bearer token.
    let byCookie: Bool
    /// What the browser says it is known by.
    let device: DeviceToken?
    /// What the browser calls itself; empty where it does not say.
    let agent: String
    /// What the browser holds as a trusted device.
    let trust: TrustToken?
    private(set) var cookie: CookieChange = .none
    /// What the browser is known by from now on; nil where that does not change.
    private(set) var rotation: DeviceRotation?
    private(set) var trustChange: TrustChange = .none
    /// Whoever calls has said which trace it belongs to.
    let isTraced: Bool
    /// With the span of the sign-in that the call is a step of; nil for the call's own.
    private(set) var trace: Trace?

    init(
        _ kind: Kind, byCookie: Bool = false, device: DeviceToken? = nil,
        trust: TrustToken? = nil, agent: String = "", isTraced: Bool = false
    ) {
        self.kind = kind
        self.byCookie = byCookie
        self.device = device
        self.trust = trust
        self.agent = agent
        self.isTraced = isTraced
    }

    /// True when the session's token goes into the answer's body. Over RPC, and for pages of
    /// other origins, there is no cookie, so a caller there has to ask for the token.
    func wantsBearer(_ asked: Bool) throws(Fault) -> Bool {
        if kind != .http, !asked {
            throw Fault(.malformed, detail: "without cookies a sign-in asks for a bearer token")
        }
        return asked
    }

    func keep(_ token: SessionToken, until session: SessionRecord) {
        let seconds = session.expiresAt.seconds - session.readAt.seconds
        cookie = .set(token, maxAgeSeconds: max(0, seconds))
    }

    func keep(_ rotation: DeviceRotation) {
        self.rotation = rotation
    }

    func keep(_ token: TrustToken, until end: Timestamp, from now: Timestamp) {
        trustChange = .set(token, maxAgeSeconds: max(0, end.seconds - now.seconds))
    }

    /// The device is trusted no more.
    func forgetTrust() {
        if trust != nil { trustChange = .clear }
    }

    func joined(_ trace: Trace) {
        self.trace = trace
    }

    func forget() {
        if byCookie { cookie = .clear }
    }
}
