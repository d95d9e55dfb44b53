import Crypto
import Testing
import Wire

@testable import WebAuthn

/// A row of a table: what is wrong with an otherwise right ceremony, and the step that refuses it.
struct Violation<Scene: Sendable>: Sendable, CustomTestStringConvertible {
    let what: String
    let refusal: CeremonyRefusal
    let spoil: @Sendable (inout Scene) -> Void

    init(
        _ what: String, _ refusal: CeremonyRefusal,
        _ spoil: @escaping @Sendable (inout Scene) -> Void
    ) {
        self.what = what
        self.refusal = refusal
        self.spoil = spoil
    }

    var testDescription: String { "\(what) → \(refusal)" }
}

/// What both ceremonies have in common: the site, its challenge, and the browser.
enum Site {
    static let relyingParty = party(["https://example.org"])
    /// Its text in base64url holds both characters that base64 writes differently.
    static let challenge = challenge([0xfb, 0xff] + Array(0..<30))
    static let user = handle(Array("user-0123456789a".utf8))
    static let otherUser = handle(Array("user-abcdefghijk".utf8))
    static let now = Timestamp(seconds: 1_790_000_000)

    static func party(_ origins: [String]) -> RelyingParty {
        guard
            let party = RelyingParty(id: "example.org", name: "Example", origins: origins)
        else { preconditionFailure("the tests' site") }
        return party
    }

    static func challenge(_ bytes: [UInt8]) -> Challenge {
        guard let challenge = Challenge(bytes) else { preconditionFailure("a short challenge") }
        return challenge
    }

    static func handle(_ bytes: [UInt8]) -> UserHandle {
        guard let handle = UserHandle(bytes) else { preconditionFailure("no user handle") }
        return handle
    }

    static func credential(_ bytes: [UInt8]) -> CredentialDescriptor {
        guard let id = CredentialID(bytes) else { preconditionFailure("no credential id") }
        return CredentialDescriptor(id: id)
    }
}

/// What a browser writes about a ceremony, and what may be wrong with it.
struct BrowserScene: Sendable {
    var members: [JSON.Member]
    /// Of the whole text, before it is hashed.
    var edit: @Sendable (inout [UInt8]) -> Void = { _ in }

    init(_ type: String) {
        members = [
            .init("type", .string(type)), .init("challenge", .string(Site.challenge.text)),
            .init("origin", .string("https://example.org")),
            .init("crossOrigin", .bool(false)),
        ]
    }

    /// Sets the member where it stands, or adds it.
    subscript(name: String) -> JSON? {
        get { members.first { $0.name == name }?.value }
        set {
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index] = .init(name, value)
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(.init(name, value))
            case (nil, nil): break
            }
        }
    }

    var bytes: [UInt8] {
        var bytes = JSON.object(members).serialized()
        edit(&bytes)
        return bytes
    }

    /// The text as if this stood before its last brace.
    mutating func append(_ text: String) {
        edit = {
            $0.removeLast()
            $0 += Array(text.utf8) + [UInt8(ascii: "}")]
        }
    }
}

/// What an authenticator states, and what may be wrong with it.
struct AuthenticatorScene: Sendable {
    var relyingPartyHash = Site.relyingParty.hash
    var flags: AuthenticatorFlags
    var counter: UInt32
    /// From the AAGUID on.
    var attested: [UInt8] = []
    var extensions: [UInt8] = []
    var edit: @Sendable (inout [UInt8]) -> Void = { _ in }

    var bytes: [UInt8] {
        let counted = (0..<4).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * $0)) }
        var bytes = relyingPartyHash + [flags.rawValue] + counted + attested + extensions
        edit(&bytes)
        return bytes
    }

    /// `{"credProtect": 2}`
    static let someExtensions = CBOR.map([.init(.text("credProtect"), .integer(2))]).encoded
}

extension JSON {
    static func octets(_ bytes: [UInt8]) -> JSON { .string(Base64URL.encode(bytes)) }

    /// The member of an object, or of an object in it: `response.signature`.
    subscript(at path: String) -> JSON? {
        get {
            path.split(separator: ".").reduce(self as JSON?) { json, name in
                guard case .object(let members)? = json else { return nil }
                return members.first { $0.name == name }?.value
            }
        }
        set {
            let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
            guard case .object(var members) = self else { return }
            let index = members.firstIndex { $0.name == parts[0] }
            var value = newValue
            if parts.count == 2, let index {
                var inner = members[index].value
                inner[at: parts[1]] = newValue
                value = inner
            }
            if let index { members.remove(at: index) }
            if let value { members.append(.init(parts[0], value)) }
            self = .object(members)
        }
    }
}
