import Crypto
import Wire

/// What a passkey may sign with, by its COSE number (RFC 9053, RFC 8812). The order is the one we
/// offer them in.
package enum COSEAlgorithm: Int64, Sendable, CaseIterable {
    /// ECDSA on P-256 with SHA-256.
    case es256 = -7
    /// EdDSA, in WebAuthn always on Ed25519 (§5.8.5).
    case edDSA = -8
    /// ECDSA on P-384 with SHA-384.
    case es384 = -35
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256 = -257

    /// The same in the words of `Crypto`.
    package var signature: PublicKey.Algorithm {
        switch self {
        case .es256: .es256
        case .edDSA: .ed25519
        case .es384: .es384
        case .rs256: .rs256
        }
    }
}

/// A credential public key: a COSE_Key (RFC 9052 §7) as WebAuthn narrows it down (§5.8.5,
/// §6.5.1.1): the parameters that its algorithm requires and no other, each algorithm with its
/// one curve, points with both coordinates at their full length.
package struct COSEKey: Sendable, Equatable {
    package let algorithm: COSEAlgorithm
    private let material: Material

    private enum Material: Sendable, Equatable {
        /// Both coordinates, each as long as the curve's field.
        case point(PublicKey.Curve, x: [UInt8], y: [UInt8])
        case ed25519([UInt8])
        /// Big-endian without leading zeros.
        case rsa(modulus: [UInt8], exponent: [UInt8])
    }

    package enum Refusal: Error, Sendable, Equatable {
        /// Its number, when the key has one.
        case algorithmUnknown(Int64?)
        /// Not the parameters of its algorithm, or not in their form.
        case malformed
    }

    /// The number of the algorithm, whether known or not; nil when this says none.
    package static func algorithmNumber(of item: CBOR) -> Int64? { item[Label.algorithm]?.integer }

    package init(_ item: CBOR) throws(Refusal) {
        let number = Self.algorithmNumber(of: item)
        guard let algorithm = number.flatMap(COSEAlgorithm.init(rawValue:)) else {
            throw .algorithmUnknown(number)
        }
        self.algorithm = algorithm
        let material: Material? =
            switch algorithm {
            case .es256: Self.point(item, .p256, curveNumber: 1)
            case .es384: Self.point(item, .p384, curveNumber: 2)
            case .edDSA: Self.edwards(item)
            case .rs256: Self.rsa(item)
            }
        guard let material else { throw .malformed }
        self.material = material
    }

    /// The bytes are one key and nothing else.
    package init(parsing bytes: [UInt8]) throws(Refusal) {
        let item: CBOR
        do throws(CBORFault) {
            item = try CBOR(parsing: bytes)
        } catch {
            throw .malformed
        }
        try self.init(item)
    }

    /// Throws for a point off its curve and for an RSA key of an unsound size.
    package func publicKey() throws(CryptoFault) -> PublicKey {
        switch material {
        case .point(let curve, let x, let y):
            try PublicKey(curve, uncompressedPoint: [4] + x + y)
        case .ed25519(let bytes): try PublicKey(ed25519: bytes)
        case .rsa(let modulus, let exponent):
            try PublicKey(rsaModulus: modulus, exponent: exponent)
        }
    }

    /// `4 · x · y` of an ES256 key, the form of FIDO U2F; nil for every other.
    package var uncompressedP256: [UInt8]? {
        guard case .point(.p256, let x, let y) = material else { return nil }
        return [4] + x + y
    }
}

extension COSEKey {
    /// RFC 9052 §7.1; `kty` and `alg` stand in every key, the negative ones belong to its type.
    private enum Label {
        static let type: Int64 = 1
        static let algorithm: Int64 = 3
    }

    /// RFC 9053 §7, RFC 8230 §4.
    private enum KeyType {
        static let edwards: Int64 = 1
        static let curve: Int64 = 2
        static let rsa: Int64 = 3
    }

    /// `{1: 2, 3: alg, -1: crv, -2: x, -3: y}`
    private static func point(
        _ item: CBOR, _ curve: PublicKey.Curve, curveNumber: Int64
    ) -> Material? {
        guard let values = item.members([Label.type, Label.algorithm, -1, -2, -3]),
            values[0] == .integer(KeyType.curve), values[2] == .integer(curveNumber),
            let x = values[3].bytes, x.count == curve.coordinateSize,
            let y = values[4].bytes, y.count == curve.coordinateSize
        else { return nil }
        return .point(curve, x: x, y: y)
    }

    /// `{1: 1, 3: -8, -1: 6, -2: x}`
    private static func edwards(_ item: CBOR) -> Material? {
        guard let values = item.members([Label.type, Label.algorithm, -1, -2]),
            values[0] == .integer(KeyType.edwards), values[2] == .integer(6),
            let x = values[3].bytes, x.count == 32
        else { return nil }
        return .ed25519(x)
    }

    /// `{1: 3, 3: -257, -1: n, -2: e}`; the sizes are `PublicKey`'s to judge.
    private static func rsa(_ item: CBOR) -> Material? {
        guard let values = item.members([Label.type, Label.algorithm, -1, -2]),
            values[0] == .integer(KeyType.rsa),
            let modulus = values[2].bytes, let exponent = values[3].bytes,
            // RFC 8230 §4: as few octets as the number needs.
            modulus.first.map({ $0 != 0 }) ?? false, exponent.first.map({ $0 != 0 }) ?? false
        else { return nil }
        return .rsa(modulus: modulus, exponent: exponent)
    }
}
