import Crypto
import Wire

/// What the authenticator states and signs (WebAuthn §6.1):
///
/// ```
/// rpIdHash 32 · flags 1 · signCount 4 · attested data if AT · extensions (a CBOR map) if ED
/// attested data (§6.5.1): aaguid 16 · length 2 · credential id · COSE key
/// ```
///
/// Every octet belongs to one of these. Flags that are reserved are let be: BE and BS were, once.
package struct AuthenticatorData: Sendable, Equatable {
    package let relyingPartyHash: [UInt8]
    package let flags: AuthenticatorFlags
    package let counter: UInt32
    /// Where AT is set.
    package let attested: AttestedCredential?
    /// Where ED is set; a map.
    package let extensions: CBOR?

    package static let bytesMax = 4096

    /// nil when the bytes are anything else than the above.
    package init?(parsing bytes: [UInt8]) {
        guard bytes.count <= Self.bytesMax else { return nil }
        let parsed = bytes.span.bytes.withUnsafeBytes { AuthenticatorData(reading: $0) }
        guard let parsed else { return nil }
        self = parsed
    }

    private init?(reading bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard let hash = reader.readBytes(32), let flags = reader.readUInt8(),
            let counter = reader.readUInt32()
        else { return nil }
        relyingPartyHash = Array(hash)
        self.flags = AuthenticatorFlags(rawValue: flags)
        self.counter = counter
        if self.flags.contains(.attestedData) {
            guard let attested = AttestedCredential(&reader, of: bytes) else { return nil }
            self.attested = attested
        } else {
            attested = nil
        }
        if self.flags.contains(.extensionData) {
            guard let (extensions, _) = cborMap(&reader, of: bytes) else { return nil }
            self.extensions = extensions
        } else {
            extensions = nil
        }
        guard reader.isAtEnd else { return nil }
    }
}

/// §6.1; the bits 1 and 5 are reserved.
package struct AuthenticatorFlags: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// UP: somebody was there.
    package static let userPresent = Self(rawValue: 1 << 0)
    /// UV: somebody showed to be the owner, by a PIN or a finger.
    package static let userVerified = Self(rawValue: 1 << 2)
    /// BE: the key may be copied to the owner's other devices.
    package static let backupEligible = Self(rawValue: 1 << 3)
    /// BS: it has been.
    package static let backedUp = Self(rawValue: 1 << 4)
    /// AT
    package static let attestedData = Self(rawValue: 1 << 6)
    /// ED
    package static let extensionData = Self(rawValue: 1 << 7)
}

/// A new credential, as authenticator data hold it.
package struct AttestedCredential: Sendable, Equatable {
    /// The model of the authenticator; 16 bytes.
    package let aaguid: [UInt8]
    /// At least one byte; whether it is too long is step 25 of a registration.
    package let id: [UInt8]
    /// A map; what is in it is step 20 of a registration.
    package let key: CBOR
    /// The same as it came.
    package let keyBytes: [UInt8]

    fileprivate init?(_ reader: inout ByteReader, of bytes: UnsafeRawBufferPointer) {
        guard let aaguid = reader.readBytes(16), let length = reader.readUInt16(), length > 0,
            let id = reader.readBytes(Int(length)),
            let (key, keyBytes) = cborMap(&reader, of: bytes)
        else { return nil }
        self.aaguid = Array(aaguid)
        self.id = Array(id)
        self.key = key
        self.keyBytes = Array(keyBytes)
    }
}

/// The map that comes next, and its bytes.
private func cborMap(
    _ reader: inout ByteReader, of bytes: UnsafeRawBufferPointer
) -> (item: CBOR, bytes: UnsafeRawBufferPointer)? {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[reader.position...])
    do throws(CBORFault) {
        let (item, count) = try CBOR.prefix(of: rest)
        guard case .map = item, let bytes = reader.readBytes(count) else { return nil }
        return (item, bytes)
    } catch {
        return nil
    }
}
