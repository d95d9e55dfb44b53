import Crypto
import WebAuthn
import Wire

/// Authenticator data: what is accepted is accounted for octet by octet.
func fuzz(_ input: UnsafeRawBufferPointer) {
    let octets = Array(input)
    guard let data = AuthenticatorData(parsing: octets) else { return }
    must(data.relyingPartyHash == Array(octets[..<32]), "another hash")
    must(data.flags.rawValue == octets[32], "other flags")
    let counter = octets[33..<37].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    must(data.counter == counter, "another counter")
    must((data.attested != nil) == data.flags.contains(.attestedData), "AT says otherwise")
    must((data.extensions != nil) == data.flags.contains(.extensionData), "ED says otherwise")
    var written = Array(octets[..<37])
    if let credential = data.attested {
        let count = credential.id.count
        must(!credential.id.isEmpty, "an empty id")
        must(credential.key.encoded == credential.keyBytes, "a key with two forms")
        written += credential.aaguid + [UInt8(count >> 8), UInt8(count & 0xff)]
        written += credential.id + credential.keyBytes
    }
    if let extensions = data.extensions { written += extensions.encoded }
    must(written == octets, "octets that nobody accounts for")
}
