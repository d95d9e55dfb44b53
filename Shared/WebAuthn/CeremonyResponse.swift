import Wire

/// What a browser answers when a passkey was made: RegistrationResponseJSON (§5.1.8), as
/// `PublicKeyCredential.toJSON()` writes it. What that repeats from the signed parts (the key, its
/// algorithm, the authenticator data) is not read, nor are extensions, which prove nothing.
package struct RegistrationResponse: Sendable, Equatable {
    /// As the browser names the credential; held against the one in the authenticator data, and
    /// so of any length here.
    package let id: [UInt8]
    package let clientData: [UInt8]
    package let attestationObject: [UInt8]
    /// Hints of the browser about how to reach the authenticator; sorted, each once.
    package let transports: [String]

    /// Octets.
    package static let attestationObjectBytesMax = 16 * 1024
    package static let transportsMax = 8
    package static let transportBytesMax = 32

    /// Throws `.responseMalformed`.
    package init(json bytes: [UInt8]) throws(CeremonyRefusal) {
        let (id, response) = try CredentialJSON.read(bytes)
        let transports: [String]
        switch response["transports"] {
        case nil: transports = []
        case .array(let elements)?:
            transports = elements.compactMap(\.text)
            guard transports.count == elements.count else { throw .responseMalformed }
        case .null?, .bool?, .number?, .string?, .object?: throw .responseMalformed
        }
        try self.init(
            id: id, clientData: CredentialJSON.octets("clientDataJSON", of: response),
            attestationObject: CredentialJSON.octets("attestationObject", of: response),
            transports: transports)
    }

    /// Throws `.responseMalformed`.
    package init(
        id: [UInt8], clientData: [UInt8], attestationObject: [UInt8], transports: [String]
    ) throws(CeremonyRefusal) {
        guard attestationObject.count <= Self.attestationObjectBytesMax,
            let transports = Self.normal(transports: transports)
        else { throw .responseMalformed }
        self.id = id
        self.clientData = clientData
        self.attestationObject = attestationObject
        self.transports = transports
    }

    /// Words of lower-case letters, digits and hyphens, known or not (§5.8.4); nil for others.
    package static func normal(transports: [String]) -> [String]? {
        let areWords = transports.allSatisfy { word in
            1...transportBytesMax ~= word.utf8.count
                && word.utf8.allSatisfy {
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                        || $0 == UInt8(ascii: "-")
                }
        }
        guard transports.count <= transportsMax, areWords else { return nil }
        return Set(transports).sorted()
    }
}

/// What a browser answers when a passkey was proved: AuthenticationResponseJSON (§5.1.8).
package struct AuthenticationResponse: Sendable, Equatable {
    package let id: CredentialID
    package let clientData: [UInt8]
    package let authenticatorData: [UInt8]
    package let signature: [UInt8]
    package let userHandle: UserHandle?

    /// Octets: RSA of 4096 bits.
    package static let signatureBytesMax = 512

    /// Throws `.responseMalformed`.
    package init(json bytes: [UInt8]) throws(CeremonyRefusal) {
        let (id, response) = try CredentialJSON.read(bytes)
        let userHandle: [UInt8]?
        switch response["userHandle"] {
        // Browsers have written both for "none".
        case nil, .null?: userHandle = nil
        case .string?: userHandle = try CredentialJSON.octets("userHandle", of: response)
        case .bool?, .number?, .array?, .object?: throw .responseMalformed
        }
        try self.init(
            id: id, clientData: CredentialJSON.octets("clientDataJSON", of: response),
            authenticatorData: CredentialJSON.octets("authenticatorData", of: response),
            signature: CredentialJSON.octets("signature", of: response), userHandle: userHandle)
    }

    /// Throws `.responseMalformed`.
    package init(
        id: [UInt8], clientData: [UInt8], authenticatorData: [UInt8], signature: [UInt8],
        userHandle: [UInt8]?
    ) throws(CeremonyRefusal) {
        guard let id = CredentialID(id), signature.count <= Self.signatureBytesMax else {
            throw .responseMalformed
        }
        self.id = id
        self.clientData = clientData
        self.authenticatorData = authenticatorData
        self.signature = signature
        if let userHandle {
            guard let userHandle = UserHandle(userHandle) else { throw .responseMalformed }
            self.userHandle = userHandle
        } else {
            self.userHandle = nil
        }
    }
}

/// The frame that both responses share.
private enum CredentialJSON {
    /// Octets of the whole text.
    static let bytesMax = 48 * 1024

    static func read(_ bytes: [UInt8]) throws(CeremonyRefusal) -> (id: [UInt8], response: JSON) {
        guard bytes.count <= bytesMax else { throw .responseMalformed }
        let json: JSON
        do throws(WireFault) {
            json = try JSON(parsing: bytes)
        } catch {
            throw .responseMalformed
        }
        guard let type = json["type"]?.text, type.utf8.elementsEqual("public-key".utf8),
            let response = json["response"]
        else { throw .responseMalformed }
        let id = try octets("rawId", of: json)
        // Two names for one credential would let two readers see two.
        guard try octets("id", of: json) == id else { throw .responseMalformed }
        return (id, response)
    }

    static func octets(_ name: String, of json: JSON) throws(CeremonyRefusal) -> [UInt8] {
        guard let text = json[name]?.text, let octets = Base64URL.decode(text.utf8) else {
            throw .responseMalformed
        }
        return octets
    }
}
