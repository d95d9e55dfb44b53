import WebAuthn
import Wire

/// A certificate to be, written in DER by hand, so that any part of it can be wrong.
struct CertificateForm {
    /// In the field, which is one less than the version people speak of.
    var version: UInt8 = 2
    var issuer = [Attribute(.organization, "Vendor")]
    var subject = [
        Attribute(.country, "NL", tag: DER.printable), Attribute(.organization, "Vendor"),
        Attribute(.unit, "Authenticator Attestation"), Attribute(.name, "Model 1"),
    ]
    var from = "20240101000000Z"
    var until = "20490101000000Z"
    var key = SigningKey.model
    /// In place of the key's own.
    var keyInfo: [UInt8]?
    var signer = SigningKey.authority
    /// nil: no basic constraints.
    var isAuthority: Bool? = false
    var model: [UInt8]? = RegistrationScene.aaguid
    var isModelCritical = false
    /// Further ones, whole.
    var extensions: [[UInt8]] = []

    struct Attribute {
        enum Kind: UInt8 { case name = 3, country = 6, organization = 10, unit = 11 }
        var kind: Kind
        var value: String
        var tag: UInt8

        init(_ kind: Kind, _ value: String, tag: UInt8 = DER.utf8) {
            self.kind = kind
            self.value = value
            self.tag = tag
        }

        var der: [UInt8] {
            let type = DER.of(DER.identifier, [0x55, 4, kind.rawValue])
            return DER.of(DER.set, DER.sequence(type, DER.of(tag, Array(value.utf8))))
        }
    }

    /// Of the vendor itself.
    static var authority: CertificateForm {
        var form = CertificateForm()
        form.subject = form.issuer
        form.key = .authority
        form.isAuthority = true
        form.model = nil
        return form
    }

    var der: [UInt8] {
        let algorithm = DER.sequence(
            DER.of(DER.identifier, [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]))
        let body = DER.sequence(
            version == 0 ? [] : DER.of(0xa0, DER.of(DER.integer, [version])),
            DER.of(DER.integer, [1]), algorithm, DER.sequence(issuer.flatMap(\.der)),
            DER.sequence(
                DER.of(DER.time, Array(from.utf8)), DER.of(DER.time, Array(until.utf8))),
            DER.sequence(subject.flatMap(\.der)), keyInfo ?? Self.keyInfo(of: key),
            allExtensions.isEmpty ? [] : DER.of(0xa3, DER.sequence(allExtensions)))
        return DER.sequence(body, algorithm, DER.of(DER.bits, [0] + signer.sign(body)))
    }

    private var allExtensions: [UInt8] {
        var all: [[UInt8]] = []
        if let isAuthority {
            let value = DER.sequence(isAuthority ? DER.of(DER.boolean, [0xff]) : [])
            all.append(Self.extension([0x55, 0x1d, 19], isCritical: true, value))
        }
        if let model {
            all.append(
                Self.extension(
                    Self.modelIdentifier, isCritical: isModelCritical, DER.of(DER.octets, model)))
        }
        return (all + extensions).flatMap { $0 }
    }

    /// 1.3.6.1.4.1.45724.1.1.4
    static let modelIdentifier: [UInt8] = [
        0x2b, 6, 1, 4, 1, 0x82, 0xe5, 0x1c, 1, 1, 4,
    ]

    static func `extension`(
        _ identifier: [UInt8], isCritical: Bool, _ value: [UInt8]
    ) -> [UInt8] {
        DER.sequence(
            DER.of(DER.identifier, identifier), isCritical ? DER.of(DER.boolean, [0xff]) : [],
            DER.of(DER.octets, value))
    }

    static func keyInfo(of key: SigningKey) -> [UInt8] {
        let curve: [UInt8] =
            key.algorithm == .es384
            ? [0x2b, 0x81, 4, 0, 34] : [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]
        switch key.algorithm {
        case .es256, .es384:
            return DER.sequence(
                DER.sequence(
                    DER.of(DER.identifier, [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]),
                    DER.of(DER.identifier, curve)),
                DER.of(DER.bits, [0] + key.point))
        case .edDSA:
            return DER.sequence(
                DER.sequence(DER.of(DER.identifier, [0x2b, 0x65, 0x70])),
                DER.of(DER.bits, [0] + key.point))
        case .rs256:
            let numbers = key.cose.suffix(2).compactMap(\.value.bytes)
            return rsaKeyInfo(modulus: numbers[0], exponent: numbers[1])
        }
    }

    static func rsaKeyInfo(modulus: [UInt8], exponent: [UInt8]) -> [UInt8] {
        DER.sequence(
            DER.sequence(
                DER.of(DER.identifier, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]),
                DER.of(DER.null, [])),
            DER.of(
                DER.bits,
                [0]
                    + DER.sequence(
                        DER.of(DER.integer, [0] + modulus), DER.of(DER.integer, exponent))))
    }
}

/// Tag, length, contents (X.690).
enum DER {
    static let boolean: UInt8 = 1
    static let integer: UInt8 = 2
    static let bits: UInt8 = 3
    static let octets: UInt8 = 4
    static let null: UInt8 = 5
    static let identifier: UInt8 = 6
    static let utf8: UInt8 = 12
    static let printable: UInt8 = 19
    static let time: UInt8 = 24
    static let set: UInt8 = 0x31

    static func of(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
        let count = contents.count
        switch count {
        case 0..<0x80: return [tag, UInt8(count)] + contents
        case 0x80..<0x100: return [tag, 0x81, UInt8(count)] + contents
        default: return [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xff)] + contents
        }
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { of(0x30, parts.flatMap { $0 }) }
}
