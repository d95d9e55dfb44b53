import Contracts
import Crypto
import Wire

/// Short-lived statements about a session that others check without asking us: JWTs (RFC 7519),
/// signed with Ed25519 (RFC 8037). They outlive the session that they were made for by their own
/// lifetime at most; who cannot wait that long asks `Introspect`.
struct SignedTokens: Sendable {
    /// Whom statements may be for, each an address or a name that it knows itself by.
    let audiences: Set<String>
    /// Who states it: where our pages are served.
    let issuer: String
    let lifetimeSeconds: Int64
    /// The first signs; all of them are published, so that what was signed by the one before
    /// stays good while it lasts. Never empty.
    private let keys: [Key]

    static let lifetimeRange: ClosedRange<Int> = 30...900
    static let audienceMax = 256

    private struct Key: Sendable {
        let signing: SigningKey
        let id: String

        /// `id` is the thumbprint of RFC 7638 over the members that RFC 8037 §2 requires.
        init(_ signing: SigningKey) {
            self.signing = signing
            let x = Base64URL.encode(signing.publicBytes)
            let members = #"{"crv":"Ed25519","kty":"OKP","x":"\#(x)"}"#
            id = Base64URL.encode(Digest.sha256(Array(members.utf8)))
        }

        var published: JSON {
            .object([
                .init("kty", .string("OKP")), .init("crv", .string("Ed25519")),
                .init("x", .string(Base64URL.encode(signing.publicBytes))),
                .init("kid", .string(id)), .init("alg", .string("EdDSA")),
                .init("use", .string("sig")),
            ])
        }
    }

    /// Nil without a key or an audience.
    init?(
        keys: [SigningKey], issuer: String, audiences: Set<String>, lifetimeSeconds: Int64
    ) {
        guard !keys.isEmpty, !audiences.isEmpty else { return nil }
        self.keys = keys.map(Key.init)
        self.issuer = issuer
        self.audiences = audiences
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// A JWK set (RFC 7517 §5).
    static func published(_ tokens: SignedTokens?) -> JSON {
        .object([.init("keys", .array(tokens?.keys.map(\.published) ?? []))])
    }

    struct Signed: Sendable {
        let text: String
        let expiresAt: Timestamp
    }

    /// What is known of a session now, for one audience. Times are the database's, whole seconds
    /// (RFC 7519 §2); never longer than the session.
    func sign(
        _ session: SessionRecord, for audience: String
    ) throws(CryptoFault) -> Signed {
        let now = session.readAt.seconds
        let end = min(now + lifetimeSeconds, session.restsUntil.seconds)
        let claims = JSON.object([
            .init("iss", .string(issuer)),
            .init("sub", .string(session.account.id.description)),
            .init("aud", .string(audience)),
            .init("exp", .number(String(end))),
            .init("iat", .number(String(now))),
            .init("jti", .string(Base64URL.encode(try Random.bytes(16)))),
            .init("sid", .string(session.id.description)),
            .init("auth_time", .number(String(session.provedAt.seconds))),
            .init("amr", .array(session.methods.map { .string($0.rawValue) })),
            .init("acr", .string("aal\(session.level)")),
            .init("preferred_username", .string(session.account.userName)),
            .init("groups", .array(session.account.roles.map { .string($0.rawValue) })),
        ])
        let head = JSON.object([
            .init("alg", .string("EdDSA")), .init("typ", .string("JWT")),
            .init("kid", .string(keys[0].id)),
        ])
        let signed =
            Base64URL.encode(head.serialized()) + "." + Base64URL.encode(claims.serialized())
        let signature = try keys[0].signing.sign(Array(signed.utf8))
        return Signed(
            text: signed + "." + Base64URL.encode(signature), expiresAt: Timestamp(seconds: end))
    }
}
