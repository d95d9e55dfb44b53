import Wire

/// What is kept of a passkey (WebAuthn §4 "credential record"). Its binary form is sealed for the
/// place it is stored at, so that a key that somebody writes into the database opens nothing.
package struct PasskeyRecord: Sendable, Equatable {
    package let id: CredentialID
    package let key: COSEKey
    /// The COSE key as it came; `key` is what it says.
    package let keyBytes: [UInt8]
    /// The signature counter last seen; 0 from authenticators that have none.
    package private(set) var counter: UInt32
    /// The model of the authenticator, 16 bytes; zeros where it does not tell.
    package let aaguid: [UInt8]
    package private(set) var flags: Flags
    package let attestation: AttestationKind
    /// Hints for the browser; sorted, each once.
    package let transports: [String]

    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The authenticator has verified its user, at registration or authorised since.
        package static let userVerified = Self(rawValue: 1 << 0)
        /// BE; never changes.
        package static let backupEligible = Self(rawValue: 1 << 1)
        /// BS, as last seen; only with BE.
        package static let backedUp = Self(rawValue: 1 << 2)

        static let all: Self = [.userVerified, .backupEligible, .backedUp]

        init(_ flags: AuthenticatorFlags) {
            self = []
            if flags.contains(.userVerified) { insert(.userVerified) }
            if flags.contains(.backupEligible) { insert(.backupEligible) }
            if flags.contains(.backedUp) { insert(.backedUp) }
        }
    }

    init(
        id: CredentialID, key: COSEKey, keyBytes: [UInt8], counter: UInt32, aaguid: [UInt8],
        flags: Flags, attestation: AttestationKind, transports: [String]
    ) {
        self.id = id
        self.key = key
        self.keyBytes = keyBytes
        self.counter = counter
        self.aaguid = aaguid
        self.flags = flags
        self.attestation = attestation
        self.transports = transports
    }

    /// Step 24 of an authentication.
    func proved(counter: UInt32, isBackedUp: Bool) -> PasskeyRecord {
        var record = self
        record.counter = counter
        if isBackedUp {
            record.flags.insert(.backedUp)
        } else {
            record.flags.remove(.backedUp)
        }
        return record
    }

    /// That this authenticator verifies its user is believed from now on. Step 24 of an
    /// authentication: only when another factor of the same strength was proved beside it.
    package func userVerificationAuthorized() -> PasskeyRecord {
        var record = self
        record.flags.insert(.userVerified)
        return record
    }

    /// For the options of the next ceremony.
    package var descriptor: CredentialDescriptor {
        CredentialDescriptor(id: id, transports: transports)
    }
}

/// The binary form, numbers big-endian:
///
/// ```
/// version 1 · flags 1 · attestation 1 · counter 4 · algorithm 4 · aaguid 16
/// · length 2 · credential id · length 2 · COSE key
/// · count 1 · (length 1 · transport)…
/// ```
///
/// One record has one form: whatever else the bytes are is refused.
extension PasskeyRecord {
    package static let version: UInt8 = 1
    /// Octets of the longest: an id of 1023, an RSA key of 4096 bits, all transports.
    package static let bytesMax = 3072

    package var encoded: [UInt8] {
        var bytes: [UInt8] = [Self.version, flags.rawValue, attestation.rawValue]
        bytes.append(bigEndian: counter)
        bytes.append(bigEndian: Int32(truncatingIfNeeded: key.algorithm.rawValue))
        bytes += aaguid
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: id.bytes.count))
        bytes += id.bytes
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: keyBytes.count))
        bytes += keyBytes
        bytes.append(UInt8(truncatingIfNeeded: transports.count))
        for transport in transports {
            bytes.append(UInt8(truncatingIfNeeded: transport.utf8.count))
            bytes += transport.utf8
        }
        return bytes
    }

    /// nil when the bytes are anything else than the form above.
    package init?(decoding bytes: [UInt8]) {
        guard bytes.count <= Self.bytesMax else { return nil }
        let record = bytes.span.bytes.withUnsafeBytes { PasskeyRecord(reading: $0) }
        guard let record else { return nil }
        self = record
    }

    private init?(reading bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard reader.readUInt8() == Self.version, let flags = reader.readUInt8(),
            Flags.all.rawValue | flags == Flags.all.rawValue,
            let attestation = reader.readUInt8().flatMap(AttestationKind.init(rawValue:)),
            let counter = reader.readUInt32(), let algorithm = reader.read(Int32.self),
            let aaguid = reader.readBytes(16),
            let idLength = reader.readUInt16(), let id = reader.readBytes(Int(idLength)),
            let id = CredentialID(Array(id)),
            let keyLength = reader.readUInt16(), let keyBytes = reader.readBytes(Int(keyLength)),
            let key = Self.key(Array(keyBytes)), key.algorithm.rawValue == Int64(algorithm),
            let transports = Self.transports(&reader), reader.isAtEnd
        else { return nil }
        self.init(
            id: id, key: key, keyBytes: Array(keyBytes), counter: counter, aaguid: Array(aaguid),
            flags: Flags(rawValue: flags), attestation: attestation, transports: transports)
        guard self.flags.contains(.backupEligible) || !self.flags.contains(.backedUp) else {
            return nil
        }
    }

    private static func key(_ bytes: [UInt8]) -> COSEKey? {
        do throws(COSEKey.Refusal) {
            return try COSEKey(parsing: bytes)
        } catch {
            return nil
        }
    }

    private static func transports(_ reader: inout ByteReader) -> [String]? {
        guard let count = reader.readUInt8() else { return nil }
        var transports: [String] = []
        for _ in 0..<count {
            guard let length = reader.readUInt8(), let bytes = reader.readBytes(Int(length)),
                let transport = String(utf8: bytes)
            else { return nil }
            transports.append(transport)
        }
        return RegistrationResponse.normal(transports: transports) == transports
            ? transports : nil
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}
