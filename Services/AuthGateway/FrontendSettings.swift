import Crypto
import Daemon
import HTTP
import RPC

/// What an operator can set for pages and services elsewhere that work with our sessions.
struct FrontendSettings {
    /// Pages served there may call with bearer tokens.
    let origins: Set<Origin>
    /// Nil where none are signed.
    let tokens: SignedTokens?

    /// - Parameter publicOrigins: Where our own pages are, in the order of the setting.
    init(_ reader: inout SettingsReader, publicOrigins: [Origin]) {
        let listed = reader.list(
            "FRONTEND_ORIGINS",
            """
            Origins, as https://name, of pages of others that may call with bearer tokens; cookies \
            never count there.
            """)
        origins = Set(listed.compactMap { Origin($0) })
        reader.require(
            origins.count == listed.count && origins.allSatisfy(\.isSafe)
                && origins.isDisjoint(with: publicOrigins),
            """
            DUBBELSLOT_FRONTEND_ORIGINS holds something that is not https://name (http only for \
            localhost), holds one twice, or one of DUBBELSLOT_PUBLIC_ORIGINS.
            """)
        tokens = Self.tokens(&reader, publicOrigins.first)
    }

    private static func tokens(
        _ reader: inout SettingsReader, _ issuer: Origin?
    ) -> SignedTokens? {
        let key = reader.optionalSecret(
            "TOKEN_KEY", max: 16 << 10,
            """
            Ed25519 keys, PEM, that sign statements about sessions (JWT): the first signs, all \
            stand in /.well-known/jwks.json. Without it none are signed.
            """)
        let audiences = Set(
            reader.list(
                "TOKEN_AUDIENCES", "Whom statements about sessions may be for, as they name it."))
        let seconds = reader.integer(
            "TOKEN_SECONDS", default: 300, in: SignedTokens.lifetimeRange, unit: "seconds",
            "How long a statement about a session holds, also when that has ended meanwhile.")
        guard let key else {
            reader.require(
                audiences.isEmpty, "DUBBELSLOT_TOKEN_AUDIENCES wants DUBBELSLOT_TOKEN_KEY_FILE.")
            return nil
        }
        let keys: [SigningKey]
        do throws(CryptoFault) {
            keys = try SigningKey.all(pem: key.reveal())
        } catch {
            keys = []
        }
        reader.require(!keys.isEmpty, "DUBBELSLOT_TOKEN_KEY holds no Ed25519 key in PEM.")
        reader.require(
            !audiences.isEmpty && audiences.allSatisfy { $0.utf8.count <= SignedTokens.audienceMax }
                && issuer != nil,
            """
            DUBBELSLOT_TOKEN_KEY wants DUBBELSLOT_TOKEN_AUDIENCES, each of at most 256 octets, and \
            DUBBELSLOT_PUBLIC_ORIGINS, whose first one signs.
            """)
        return SignedTokens(
            keys: keys, issuer: issuer?.description ?? "", audiences: audiences,
            lifetimeSeconds: Int64(seconds))
    }
}
