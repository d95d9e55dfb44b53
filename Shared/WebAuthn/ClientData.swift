import Crypto
import Wire

/// What the browser states it did (WebAuthn §5.8.1), and the hash that is signed. Members we do
/// not know are allowed, since browsers add some on purpose; a member that stands twice is not:
/// two readers would see two ceremonies in it.
package struct ClientData: Sendable, Equatable {
    package let type: String
    package let challenge: String
    package let origin: String
    package let isCrossOrigin: Bool
    package let topOrigin: String?
    /// SHA-256 of the bytes as they came.
    package let hash: [UInt8]

    /// Octets of the JSON text.
    package static let bytesMax = 4096

    /// Throws `.clientDataNotUTF8` or `.clientDataMalformed`.
    package init(parsing bytes: [UInt8]) throws(CeremonyRefusal) {
        guard bytes.count <= Self.bytesMax else { throw .clientDataMalformed }
        // UTF-8 decode of the Encoding Standard drops one byte order mark; the hash keeps it.
        let isMarked = bytes.starts(with: [0xef, 0xbb, 0xbf])
        let text = isMarked ? bytes[3...] : bytes[...]
        guard text.span.bytes.withUnsafeBytes({ String(utf8: $0) }) != nil else {
            throw .clientDataNotUTF8
        }
        let json: JSON
        do throws(WireFault) {
            json = try JSON(parsing: text)
        } catch {
            throw .clientDataMalformed
        }
        guard let type = json["type"]?.text, let challenge = json["challenge"]?.text,
            let origin = json["origin"]?.text
        else { throw .clientDataMalformed }
        self.type = type
        self.challenge = challenge
        self.origin = origin
        switch json["crossOrigin"] {
        case nil: isCrossOrigin = false
        case .bool(let isCrossOrigin)?: self.isCrossOrigin = isCrossOrigin
        case .null?, .number?, .string?, .array?, .object?: throw .clientDataMalformed
        }
        switch json["topOrigin"] {
        case nil: topOrigin = nil
        case .string(let topOrigin)?: self.topOrigin = topOrigin
        case .null?, .bool?, .number?, .array?, .object?: throw .clientDataMalformed
        }
        hash = Digest.sha256(bytes)
    }

    /// The ceremonies and what each calls itself.
    package enum Ceremony: String, Sendable {
        case registration = "webauthn.create"
        case authentication = "webauthn.get"
    }

    /// Steps 7 to 11 of a registration, 10 to 14 of an authentication. Texts are compared by
    /// their bytes; Swift's `==` takes some that differ for equal.
    func check(
        _ ceremony: Ceremony, challenge: Challenge, _ relyingParty: RelyingParty
    ) throws(CeremonyRefusal) {
        guard type.utf8.elementsEqual(ceremony.rawValue.utf8) else { throw .typeMismatch }
        guard self.challenge.utf8.elementsEqual(challenge.text.utf8) else {
            throw .challengeMismatch
        }
        guard relyingParty.origins.contains(where: { $0.utf8.elementsEqual(origin.utf8) }) else {
            throw .originNotAllowed
        }
        guard !isCrossOrigin else { throw .crossOriginRefused }
        guard topOrigin == nil else { throw .topOriginRefused }
    }
}
