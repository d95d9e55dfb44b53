import Crypto
import WebAuthn
import Wire

/// COSE keys, and the records that hold them: a key that is accepted has one form, becomes a public
/// key of its own algorithm or none, and verifies nothing by accident; a record reads back.
func fuzz(_ input: UnsafeRawBufferPointer) {
    let octets = Array(input)
    do throws(COSEKey.Refusal) {
        let key = try COSEKey(parsing: octets)
        check(key)
        must(try COSEKey(parsing: octets) == key, "read again it is another key")
    } catch {
        if case .algorithmUnknown(let number?) = error {
            must(COSEAlgorithm(rawValue: number) == nil, "a known algorithm is refused")
        }
    }
    guard let record = PasskeyRecord(decoding: octets) else { return }
    must(record.encoded == octets, "a second form of a record")
    check(record.key)
}

private func check(_ key: COSEKey) {
    must((key.uncompressedP256 != nil) == (key.algorithm == .es256), "a point of another key")
    do throws(CryptoFault) {
        let publicKey = try key.publicKey()
        must(publicKey.algorithm == key.algorithm.signature, "a key of another algorithm")
        must(!publicKey.verifies([] as [UInt8], of: [1] as [UInt8]), "nothing is a signature")
    } catch {
        return
    }
}
