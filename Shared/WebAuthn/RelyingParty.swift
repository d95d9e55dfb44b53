import Crypto
import Wire

/// Who passkeys are made for: the name of the site that they are bound to, and the exact origins
/// of the pages that may ask for them.
package struct RelyingParty: Sendable, Equatable {
    /// A host name in lower case, without scheme and port, such as `example.org`.
    package let id: String
    /// Shown by the browser.
    package let name: String
    /// At least one, each as the browser writes it: `https://login.example.org:8443`.
    package let origins: [String]
    /// SHA-256 of `id`.
    package let hash: [UInt8]

    /// nil unless every origin is `https` on the host `id` or below it (§5.1.2), or `http` on
    /// localhost, in the serialised form (RFC 6454 §6.2): lower case, no default port, no path.
    package init?(id: String, name: String, origins: [String]) {
        guard Self.isHost(id), !origins.isEmpty,
            origins.allSatisfy({ Self.isOrigin($0, under: id) })
        else { return nil }
        self.id = id
        self.name = name
        self.origins = origins
        hash = Digest.sha256(Array(id.utf8))
    }

    /// Labels of RFC 1123 §2.1, the last of which is no number: an IP address is no host name.
    private static func isHost(_ text: some StringProtocol) -> Bool {
        let labels = Array(text.utf8).split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areWords = labels.allSatisfy { label in
            1...63 ~= label.count && label.first != UInt8(ascii: "-")
                && label.last != UInt8(ascii: "-")
                && label.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
        }
        return areWords && text.utf8.count <= 253 && !(labels.last?.allSatisfy(isDigit) ?? true)
    }

    private static func isOrigin(_ text: String, under id: String) -> Bool {
        let schemes = [("https://", "443"), ("http://", "80")]
        guard let (scheme, defaultPort) = schemes.first(where: { text.hasPrefix($0.0) }) else {
            return false
        }
        let parts = text.dropFirst(scheme.count).split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first, isHost(host), host == id || host.hasSuffix("." + id),
            scheme == "https://" || host == "localhost"
        else { return false }
        guard parts.count == 2 else { return true }
        let port = parts[1]
        return port != defaultPort && port.utf8.allSatisfy(isDigit) && port.first != "0"
            && UInt16(port) != nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// What a response must answer: random, made by us, good for one ceremony (WebAuthn §13.4.3).
/// Whose it is, how long it is good and that it is used once is the business of who keeps it.
package struct Challenge: Sendable, Equatable {
    package let bytes: [UInt8]
    /// Base64url, as the browser gives it back.
    package let text: String

    /// Octets; the specification wants at least 16.
    package static let size = 32
    package static let bytesMin = 16

    /// nil when there are fewer than `bytesMin`.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.bytesMin else { return nil }
        self.bytes = bytes
        text = Base64URL.encode(bytes)
    }

    package static func random() throws(CryptoFault) -> Challenge {
        let bytes = try Random.bytes(size)
        guard let challenge = Challenge(bytes) else { throw .outOfBounds(what: "a challenge") }
        return challenge
    }
}

/// Which account a credential belongs to, as authenticators keep it: random, so that it says
/// nothing about a person (§14.6.1).
package struct UserHandle: Sendable, Hashable {
    package let bytes: [UInt8]

    /// Octets (§5.4.3); we make them with at least 16.
    package static let sizeRange = 1...64

    /// nil when there are none or too many.
    package init?(_ bytes: [UInt8]) {
        guard Self.sizeRange.contains(bytes.count) else { return nil }
        self.bytes = bytes
    }
}

/// Which credential: chosen by the authenticator.
package struct CredentialID: Sendable, Hashable {
    package let bytes: [UInt8]

    /// Step 25 of a registration.
    package static let sizeRange = 1...1023

    /// nil when there are none or too many.
    package init?(_ bytes: [UInt8]) {
        guard Self.sizeRange.contains(bytes.count) else { return nil }
        self.bytes = bytes
    }
}
