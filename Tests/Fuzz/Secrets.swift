import Crypto
import Wire

/// Files and columns with secrets: key rings, password records, sealed values, and the forms of
/// names and passwords that are compared.
func fuzz(_ input: UnsafeRawBufferPointer) {
    let octets = Array(input)
    checkKeyRing(octets)
    checkRecord(octets)
    checkSealed(Bytes(octets))
    guard let text = String(validating: input, as: UTF8.self) else { return }
    let normal = text.nfcUTF8
    if let again = String(validating: normal, as: UTF8.self) {
        must(again.nfcUTF8 == normal, "normalised twice it is another")
        must(Password(again).scalarCount == Password(text).scalarCount, "two lengths")
    } else {
        must(false, "normalised it is no UTF-8")
    }
    let key = text.foldedKey
    must(key.foldedKey.utf8.elementsEqual(key.utf8), "folded twice it is another")
}

private func checkKeyRing(_ octets: [UInt8]) {
    do throws(KeyRingFault) {
        let ring = try KeyRing(parsing: octets)
        must(ring.names.contains(ring.primaryName), "the primary key has another name")
        must(ring.names.count <= KeyRing.keysMax, "keys over their limit")
    } catch {
        return
    }
}

private func checkRecord(_ octets: [UInt8]) {
    do throws(CryptoFault) {
        let text = try PasswordRecord(parsing: octets).text
        must(text.withBytes { Array($0) } == octets, "a second text for a record")
    } catch {
        return
    }
}

private func checkSealed(_ sealed: Bytes) {
    do throws(CryptoFault) {
        let name = try KeyRing.keyName(of: sealed)
        must(sealed.array.starts(with: KeyRing.head(name)), "the name is another one")
    } catch {
        return
    }
}
