import Crypto
import Wire

@testable import WebAuthn

/// Each row violates one demand on attestation by certificates: steps 22 and 24 of a registration,
/// §8.2.1 and §8.6. The chains of W-143 end before anything costly is reckoned.
enum AttestationViolations {
    typealias Rows = [Violation<RegistrationScene>]

    static let all = subject + extensions + key + chain + trust + u2f

    private static let subject: Rows = [
        .init("version 1", .attestationCertificateUnfit) {
            $0.certify {
                $0.version = 0
                $0.isAuthority = nil
                $0.model = nil
            }
        },
        .init("version 2", .attestationCertificateUnfit) { $0.certify { $0.version = 1 } },
        .init("no country", .attestationCertificateUnfit) {
            $0.certify { $0.subject.removeAll { $0.kind == .country } }
        },
        .init("a country in words", .attestationCertificateUnfit) {
            $0.certify { $0.subject[0] = .init(.country, "Netherlands", tag: DER.printable) }
        },
        .init("no organization", .attestationCertificateUnfit) {
            $0.certify { $0.subject.removeAll { $0.kind == .organization } }
        },
        .init("an empty organization", .attestationCertificateUnfit) {
            $0.certify { $0.subject[1] = .init(.organization, "") }
        },
        .init("no unit", .attestationCertificateUnfit) {
            $0.certify { $0.subject.removeAll { $0.kind == .unit } }
        },
        .init("another unit", .attestationCertificateUnfit) {
            $0.certify { $0.subject[2] = .init(.unit, "authenticator attestation") }
        },
        .init("two units", .attestationCertificateUnfit) {
            $0.certify { $0.subject.append(.init(.unit, "Authenticator Attestation")) }
        },
        .init("a unit in another character set", .attestationCertificateUnfit) {
            $0.certify { $0.subject[2] = .init(.unit, "Authenticator Attestation", tag: 20) }
        },
        .init("no name", .attestationCertificateUnfit) {
            $0.certify { $0.subject.removeAll { $0.kind == .name } }
        },
        .init("not valid yet", .attestationCertificateOutOfDate) {
            $0.certify { $0.from = "20480101000000Z" }
        },
        .init("no longer valid", .attestationCertificateOutOfDate) {
            $0.certify { $0.until = "20240102000000Z" }
        },
        .init("a date that is none", .attestationCertificateOutOfDate) {
            $0.certify { $0.until = "20491301000000Z" }
        },
    ]

    private static let extensions: Rows = [
        .init("no basic constraints", .attestationCertificateUnfit) {
            $0.certify { $0.isAuthority = nil }
        },
        .init("an authority", .attestationCertificateUnfit) {
            $0.certify { $0.isAuthority = true }
        },
        .init("basic constraints twice", .attestationCertificateUnfit) {
            $0.certify {
                $0.extensions = [
                    CertificateForm.extension(
                        [0x55, 0x1d, 19], isCritical: true, DER.sequence(DER.of(1, [0xff])))
                ]
            }
        },
        .init("broken basic constraints", .attestationCertificateUnfit) {
            $0.certify {
                $0.isAuthority = nil
                $0.extensions = [
                    CertificateForm.extension([0x55, 0x1d, 19], isCritical: true, [1])
                ]
            }
        },
        .init("another model", .attestationModelMismatch) {
            $0.certify { $0.model = [UInt8](repeating: 1, count: 16) }
        },
        .init("a model of 15 octets", .attestationCertificateUnfit) {
            $0.certify { $0.model?.removeLast() }
        },
        .init("a model wrapped once", .attestationCertificateUnfit) {
            $0.certify {
                $0.extensions = [
                    CertificateForm.extension(
                        CertificateForm.modelIdentifier, isCritical: false,
                        RegistrationScene.aaguid)
                ]
                $0.model = nil
            }
        },
        .init("a critical model", .attestationCertificateUnfit) {
            $0.certify { $0.isModelCritical = true }
        },
        .init("two models", .attestationCertificateUnfit) {
            $0.certify {
                $0.extensions = [
                    CertificateForm.extension(
                        CertificateForm.modelIdentifier, isCritical: false,
                        DER.of(DER.octets, [UInt8](repeating: 1, count: 16)))
                ]
            }
        },
    ]

    private static let key: Rows = [
        .init("a certificate for another key", .attestationSignatureInvalid) {
            $0.statement = .packed([CertificateForm()], .other)
        },
        .init("certified but self-signed", .attestationSignatureInvalid) {
            $0.statement = .packed([CertificateForm()], .credential)
        },
        .init("another algorithm than the certificate's", .attestationAlgorithmMismatch) {
            $0.certify { _ in }
            $0.editStatement = { $0[0] = .init(.text("alg"), .integer(-35)) }
        },
        .init("an algorithm we do not know", .attestationAlgorithmMismatch) {
            $0.certify { _ in }
            $0.editStatement = { $0[0] = .init(.text("alg"), .integer(-65535)) }
        },
        .init("a certificate of a point that is compressed", .attestationCertificateUnfit) {
            $0.certify { form in
                let info = CertificateForm.keyInfo(of: .model)
                let point = SigningKey.model.point
                let algorithm = info[2..<(info.count - 68)]
                let sign: UInt8 = point[64] & 1 == 0 ? 2 : 3
                form.keyInfo = DER.sequence(
                    Array(algorithm), DER.of(DER.bits, [0, sign] + point[1...32]))
            }
        },
        .init("W-143 an RSA key of 16384 bits", .attestationCertificateUnfit) {
            $0.certify {
                $0.keyInfo = CertificateForm.rsaKeyInfo(
                    modulus: [UInt8](repeating: 0xff, count: 2048), exponent: [1, 0, 1])
            }
        },
        .init("an RSA key of 1024 bits", .attestationCertificateUnfit) {
            $0.certify {
                $0.keyInfo = CertificateForm.rsaKeyInfo(
                    modulus: [UInt8](repeating: 0xff, count: 128), exponent: [1, 0, 1])
            }
        },
        .init("W-143 an RSA exponent of 2048 bits", .attestationCertificateUnfit) {
            $0.certify {
                $0.keyInfo = CertificateForm.rsaKeyInfo(
                    modulus: [UInt8](repeating: 0xff, count: 256),
                    exponent: [UInt8](repeating: 0x7f, count: 256))
            }
        },
    ]

    private static let chain: Rows = [
        .init("no certificates", .attestationStatementMalformed) { $0.statement = .packed([]) },
        .init("a certificate that is no array", .attestationStatementMalformed) {
            $0.certify { _ in }
            $0.editStatement = { $0[2] = .init(.text("x5c"), .bytes(CertificateForm().der)) }
        },
        .init("a certificate as text", .attestationStatementMalformed) {
            $0.certify { _ in }
            $0.editStatement = { $0[2] = .init(.text("x5c"), .array([.text("MII")])) }
        },
        .init("W-143 six certificates", .attestationStatementMalformed) {
            $0.statement = .packed([CertificateForm](repeating: CertificateForm(), count: 6))
        },
        .init("W-143 a certificate longer than any", .attestationStatementMalformed) {
            $0.certify { $0.subject[3] = .init(.name, String(repeating: "a", count: 4096)) }
        },
        .init("octets that are no certificate", .attestationCertificateUnfit) {
            $0.certify { _ in }
            $0.editStatement = { $0[2] = .init(.text("x5c"), .array([.bytes([0x30, 0])])) }
        },
        .init("no octets", .attestationCertificateUnfit) {
            $0.certify { _ in }
            $0.editStatement = { $0[2] = .init(.text("x5c"), .array([.bytes([])])) }
        },
        .init("octets behind the certificate", .attestationCertificateUnfit) {
            $0.certify { _ in }
            $0.editStatement = {
                $0[2] = .init(.text("x5c"), .array([.bytes(CertificateForm().der + [0])]))
            }
        },
        .init("a second certificate that is none", .attestationCertificateUnfit) {
            $0.certify { _ in }
            $0.editStatement = {
                let certificates = ($0[2].value.elements ?? []) + [.bytes([1])]
                $0[2] = .init(.text("x5c"), .array(certificates))
            }
        },
        .init("certificates where they are not taken", .attestationNotAccepted) {
            $0.certify { _ in }
            $0.policy.accepted = [.none]
        },
    ]

    /// Step 24, with the vendor as anchor.
    private static let trust: Rows = [
        .init("signed by somebody else", .attestationNotTrusted) {
            $0.certify { $0.signer = .other }
            $0.policy.anchors = [anchor]
        },
        .init("signed by itself", .attestationNotTrusted) {
            $0.certify {
                $0.issuer = $0.subject
                $0.signer = .model
            }
            $0.policy.anchors = [anchor]
        },
        .init("an anchor brought along", .attestationNotTrusted) {
            var authority = CertificateForm.authority
            authority.key = .other
            authority.signer = .other
            var leaf = CertificateForm()
            leaf.signer = .other
            $0.statement = .packed([leaf, authority])
            $0.policy.anchors = [anchor]
        },
        .init("below one that is no authority", .attestationNotTrusted) {
            var between = CertificateForm()
            between.subject = [.init(.organization, "Between")]
            between.key = .other
            var leaf = CertificateForm()
            leaf.issuer = between.subject
            leaf.signer = .other
            $0.statement = .packed([leaf, between])
            $0.policy.anchors = [anchor]
        },
        .init("below one that is no longer valid", .attestationNotTrusted) {
            let (leaf, between) = under { $0.until = "20240102000000Z" }
            $0.statement = .packed([leaf, between])
            $0.policy.anchors = [anchor]
        },
        .init("W-143 a loop", .attestationNotTrusted) {
            let (leaf, first) = under {
                $0.issuer = [.init(.organization, "Further")]
                $0.signer = .p384
            }
            var second = CertificateForm.authority
            second.subject = first.issuer
            second.issuer = first.subject
            second.key = .p384
            second.signer = .other
            $0.statement = .packed([leaf, first, second])
            $0.policy.anchors = [anchor]
        },
        .init("W-143 below an RSA key of 16384 bits", .attestationNotTrusted) {
            let (leaf, between) = under {
                $0.keyInfo = CertificateForm.rsaKeyInfo(
                    modulus: [UInt8](repeating: 0xff, count: 2048), exponent: [3])
            }
            $0.statement = .packed([leaf, between])
            $0.policy.anchors = [anchor]
        },
        .init("below a vendor who is not trusted", .attestationNotTrusted) {
            $0.certify { $0.issuer = [.init(.organization, "Another")] }
            $0.policy.anchors = [anchor]
        },
    ]

    private static let u2f: Rows = [
        .init("U2F with an algorithm named", .attestationStatementMalformed) {
            $0.statement = .u2f([CertificateForm()])
            $0.editStatement = { $0.insert(.init(.text("alg"), .integer(-7)), at: 0) }
        },
        .init("U2F without a signature", .attestationStatementMalformed) {
            $0.statement = .u2f([CertificateForm()])
            $0.editStatement = { $0.remove(at: 0) }
        },
        .init("U2F with two certificates", .attestationStatementMalformed) {
            $0.statement = .u2f([CertificateForm(), .authority])
        },
        .init("U2F without certificates", .attestationStatementMalformed) {
            $0.statement = .u2f([])
        },
        .init("U2F by another curve", .attestationCertificateUnfit) {
            var form = CertificateForm()
            form.key = .p384
            $0.statement = .u2f([form], .p384)
        },
        .init("U2F no longer valid", .attestationCertificateOutOfDate) {
            var form = CertificateForm()
            form.until = "20240102000000Z"
            $0.statement = .u2f([form])
        },
        .init("U2F of a key on another curve", .attestationAlgorithmMismatch) {
            $0.key = .p384
            $0.statement = .u2f([CertificateForm()])
        },
        .init("U2F signed by another", .attestationSignatureInvalid) {
            $0.statement = .u2f([CertificateForm()], .other)
        },
        .init("U2F for another client data", .attestationSignatureInvalid) {
            $0.statement = .u2f([CertificateForm()])
            let data = $0.browser.bytes + [0x20]
            $0.editJSON = { $0[at: "response.clientDataJSON"] = .octets(data) }
        },
        .init("U2F where it is not taken", .attestationNotAccepted) {
            $0.statement = .u2f([CertificateForm()])
            $0.policy.accepted.remove(.fidoU2F)
        },
        .init("U2F under another vendor", .attestationNotTrusted) {
            var form = CertificateForm()
            form.signer = .other
            $0.statement = .u2f([form])
            $0.policy.anchors = [anchor]
        },
    ]

    /// The vendor that is trusted.
    private static var anchor: X509Certificate {
        do {
            return try X509Certificate(der: CertificateForm.authority.der)
        } catch {
            preconditionFailure("the vendor's certificate: \(error)")
        }
    }

    /// A model's certificate, and an authority between it and the vendor that holds the key
    /// `other`.
    static func under(
        _ change: (inout CertificateForm) -> Void
    ) -> (leaf: CertificateForm, between: CertificateForm) {
        var between = CertificateForm.authority
        between.subject = [.init(.organization, "Between")]
        between.key = .other
        change(&between)
        var leaf = CertificateForm()
        leaf.issuer = between.subject
        leaf.signer = .other
        return (leaf, between)
    }
}
