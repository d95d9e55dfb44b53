import Crypto
import WebAuthn
import Wire

/// Client data, and the responses of browsers around it: what is accepted says each thing once,
/// and its hash is that of the very octets.
func fuzz(_ input: UnsafeRawBufferPointer) {
    let octets = Array(input)
    checkResponses(octets)
    do throws(CeremonyRefusal) {
        let data = try ClientData(parsing: octets)
        must(data.hash == Digest.sha256(octets), "the hash of something else")
        must(octets.count <= ClientData.bytesMax, "longer than any")
        let again = try ClientData(parsing: octets + [0x20])
        must(again.type.utf8.elementsEqual(data.type.utf8), "a blank changes the type")
        must(again.hash != data.hash, "a blank does not change the hash")
    } catch {
        let isForm = error == .clientDataNotUTF8 || error == .clientDataMalformed
        must(isForm || octets.count == ClientData.bytesMax, "refused by \(error)")
    }
}

private func checkResponses(_ octets: [UInt8]) {
    do throws(CeremonyRefusal) {
        let response = try RegistrationResponse(json: octets)
        let transports = RegistrationResponse.normal(transports: response.transports)
        must(transports == response.transports, "transports that are not normal")
    } catch {
        must(error == .responseMalformed, "refused by \(error)")
    }
    do throws(CeremonyRefusal) {
        let response = try AuthenticationResponse(json: octets)
        must(CredentialID.sizeRange.contains(response.id.bytes.count), "an id out of bounds")
    } catch {
        must(error == .responseMalformed, "refused by \(error)")
    }
}
