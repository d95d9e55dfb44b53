import Crypto
import Wire

/// What an authenticator states about itself when it makes a credential (WebAuthn §6.5.4): a map
/// of exactly the format's name, the statement, and the authenticator data that it is about.
struct AttestationObject {
    let format: String
    let statement: CBOR
    let authenticatorData: [UInt8]

    /// Throws `.attestationObjectMalformed`.
    init(parsing bytes: [UInt8]) throws(CeremonyRefusal) {
        let item: CBOR
        do throws(CBORFault) {
            item = try CBOR(parsing: bytes)
        } catch {
            throw .attestationObjectMalformed
        }
        guard let values = item.members("fmt", "attStmt", "authData"),
            let format = values[0].text, case .map = values[1], let data = values[2].bytes
        else { throw .attestationObjectMalformed }
        self.format = format
        statement = values[1]
        authenticatorData = data
    }
}

/// How far a credential's origin is stated. The numbers are stored.
package enum AttestationKind: UInt8, Sendable, CaseIterable {
    /// §8.7: nothing is stated, and nothing in the registration is signed.
    case none = 1
    /// §8.2 without certificates: signed with the new key itself.
    case packedSelf = 2
    /// §8.2: signed with the key of a certificate of the authenticator's model.
    case packedCertificate = 3
    /// §8.6: the same, of an authenticator older than WebAuthn.
    case fidoU2F = 4
}

/// Which statements are taken, and whose certificates are believed.
package struct AttestationPolicy: Sendable {
    /// A statement of a kind that is taken is verified all the same.
    package var accepted: Set<AttestationKind>
    /// Certificates of vendors or models. With none a certificate is held against the
    /// specification only, and says no more than a self-signed statement: the model (AAGUID) is
    /// kept as what the authenticator claims.
    package var anchors: [X509Certificate]

    package init(
        accepted: Set<AttestationKind> = Set(AttestationKind.allCases),
        anchors: [X509Certificate] = []
    ) {
        self.accepted = accepted
        self.anchors = anchors
    }

    /// Step 24 of a registration. True when a chain leads to an anchor.
    func assess(
        _ attestation: Attestation, at now: Timestamp
    ) throws(CeremonyRefusal) -> Bool {
        guard accepted.contains(attestation.kind) else { throw .attestationNotAccepted }
        guard !anchors.isEmpty, let leaf = attestation.path.first else { return false }
        guard leaf.isTrusted(by: anchors, through: Array(attestation.path.dropFirst()), at: now)
        else { throw .attestationNotTrusted }
        return true
    }
}

/// A statement that was found right.
struct Attestation {
    let kind: AttestationKind
    /// The certificates, the signing one first; none unless the kind is one with certificates.
    let path: [X509Certificate]

    /// Certificates of a statement, and octets of each.
    static let certificatesMax = 5
    static let certificateBytesMax = 4096
}

/// What a statement is about and what it is verified with: steps 21 and 22 of a registration.
struct AttestationVerification {
    /// As they came.
    let authenticatorData: [UInt8]
    let clientDataHash: [UInt8]
    let relyingPartyHash: [UInt8]
    let credential: AttestedCredential
    let key: COSEKey
    let publicKey: PublicKey
    let now: Timestamp

    func verify(_ object: AttestationObject) throws(CeremonyRefusal) -> Attestation {
        // Case-sensitive, and by bytes.
        if object.format.utf8.elementsEqual("none".utf8) { return try none(object.statement) }
        if object.format.utf8.elementsEqual("packed".utf8) { return try packed(object.statement) }
        if object.format.utf8.elementsEqual("fido-u2f".utf8) { return try u2f(object.statement) }
        throw .attestationFormatUnknown
    }

    private func none(_ statement: CBOR) throws(CeremonyRefusal) -> Attestation {
        guard statement == .map([]) else { throw .attestationStatementMalformed }
        return Attestation(kind: .none, path: [])
    }

    /// §8.2
    private func packed(_ statement: CBOR) throws(CeremonyRefusal) -> Attestation {
        let signed = authenticatorData + clientDataHash
        if let values = statement.members("alg", "sig") {
            guard let number = values[0].integer, let signature = values[1].bytes else {
                throw .attestationStatementMalformed
            }
            guard number == key.algorithm.rawValue else { throw .attestationAlgorithmMismatch }
            guard publicKey.verifies(signature, of: signed) else {
                throw .attestationSignatureInvalid
            }
            return Attestation(kind: .packedSelf, path: [])
        }
        guard let values = statement.members("alg", "sig", "x5c"),
            let number = values[0].integer, let signature = values[1].bytes
        else { throw .attestationStatementMalformed }
        guard let algorithm = COSEAlgorithm(rawValue: number) else {
            throw .attestationAlgorithmMismatch
        }
        let path = try certificates(values[2])
        try checkPacked(path[0])
        guard let publicKey = path[0].publicKey() else { throw .attestationCertificateUnfit }
        guard publicKey.algorithm == algorithm.signature else {
            throw .attestationAlgorithmMismatch
        }
        guard publicKey.verifies(signature, of: signed) else { throw .attestationSignatureInvalid }
        return Attestation(kind: .packedCertificate, path: path)
    }

    /// §8.6
    private func u2f(_ statement: CBOR) throws(CeremonyRefusal) -> Attestation {
        guard let values = statement.members("sig", "x5c"), let signature = values[0].bytes else {
            throw .attestationStatementMalformed
        }
        let path = try certificates(values[1])
        guard path.count == 1 else { throw .attestationStatementMalformed }
        guard let publicKey = path[0].publicKey(), publicKey.algorithm == .es256 else {
            throw .attestationCertificateUnfit
        }
        try checkDates(path[0])
        guard let point = key.uncompressedP256 else { throw .attestationAlgorithmMismatch }
        let signed = [0] + relyingPartyHash + clientDataHash + credential.id + point
        guard publicKey.verifies(signature, of: signed) else { throw .attestationSignatureInvalid }
        return Attestation(kind: .fidoU2F, path: path)
    }

    /// `x5c`: at least one, and no more than anybody needs.
    private func certificates(_ item: CBOR) throws(CeremonyRefusal) -> [X509Certificate] {
        guard let elements = item.elements, !elements.isEmpty,
            elements.count <= Attestation.certificatesMax
        else { throw .attestationStatementMalformed }
        var certificates: [X509Certificate] = []
        for element in elements {
            guard let der = element.bytes, der.count <= Attestation.certificateBytesMax else {
                throw .attestationStatementMalformed
            }
            do throws(CryptoFault) {
                certificates.append(try X509Certificate(der: der))
            } catch {
                throw .attestationCertificateUnfit
            }
        }
        return certificates
    }

    /// §8.2.1
    private func checkPacked(_ certificate: X509Certificate) throws(CeremonyRefusal) {
        let unit = "Authenticator Attestation"
        guard certificate.version == 3, certificate.isEndEntity,
            certificate.subject(.country).map(isCountry) ?? false,
            certificate.subject(.organization).map({ !$0.isEmpty }) ?? false,
            certificate.subject(.organizationalUnit)?.elementsEqual(unit.utf8) ?? false,
            certificate.subject(.commonName).map({ !$0.isEmpty }) ?? false
        else { throw .attestationCertificateUnfit }
        let models = certificate.extensions("1.3.6.1.4.1.45724.1.1.4")
        guard models.count <= 1 else { throw .attestationCertificateUnfit }
        if let model = models.first {
            // An OCTET STRING of 16 octets, wrapped in another.
            guard !model.isCritical, model.value.count == 18, model.value.starts(with: [4, 16])
            else { throw .attestationCertificateUnfit }
            guard model.value.dropFirst(2).elementsEqual(credential.aaguid) else {
                throw .attestationModelMismatch
            }
        }
        try checkDates(certificate)
    }

    private func checkDates(_ certificate: X509Certificate) throws(CeremonyRefusal) {
        guard certificate.isValid(at: now) else { throw .attestationCertificateOutOfDate }
    }

    /// ISO 3166: two letters.
    private func isCountry(_ text: [UInt8]) -> Bool {
        text.count == 2
            && text.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }
}
