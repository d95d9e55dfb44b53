import Crypto
import OTP
import Wire

/// What imported users bring along and what people type: `otpauth` URIs, password records of
/// other systems, recovery codes. What is read reads the same from what is kept of it, and what
/// it costs is bounded.
func fuzz(_ input: UnsafeRawBufferPointer) {
    let octets = Array(input)
    checkURI(octets)
    checkRecord(octets)
    checkRecoveryCode(octets)
    if let text = String(validating: octets, as: UTF8.self),
        let parameters = OneTimePasswordParameters(stored: text)
    {
        must(parameters.stored == text, "a second text of the same parameters")
    }
}

private func checkURI(_ octets: [UInt8]) {
    do throws(OTPAuthURIRefusal) {
        let uri = try OTPAuthURI(parsing: octets)
        must(OneTimePassword.seedRange.contains(uri.seed.count), "a seed out of bounds")
        must((0...HOTP.counterMax).contains(uri.nextCounter), "a counter out of bounds")
        must(!uri.account.isEmpty && !uri.account.contains(":"), "no account")
        must((uri.issuer ?? "a").utf8.count <= OTPAuthURI.nameMax, "an issuer over its limit")
        let text = uri.text
        // Printed with everything percent-encoded, it may have outgrown what is read.
        guard text.utf8.count <= OTPAuthURI.lengthMax else { return }
        let again = try OTPAuthURI(parsing: text.utf8)
        must(again.text == text, "printed and read it is another")
        must(again.seed == uri.seed && again.parameters == uri.parameters, "other codes")
    } catch {
        must(!octets.isEmpty || error == .form, "nothing is refused for another reason")
    }
}

private func checkRecord(_ octets: [UInt8]) {
    do throws(CryptoFault) {
        let record = try PasswordRecord(importing: octets)
        must(record.memory <= PasswordHash.Parameters.standard.memory, "too much memory")
        let missing = record.remainder(to: .standard).reduce(0) { $0 + $1.cost }
        must(missing <= PasswordHash.Parameters.standard.cost, "a remainder over the whole")
        let text = record.text
        let again = try PasswordRecord(parsing: text)
        must(again.text == text && again.derivation == record.derivation, "stored as another")
    } catch {
        switch error {
        case .malformed, .outOfBounds: return
        case .library, .inauthentic, .keyUnknown: must(false, "\(error)")
        }
    }
}

private func checkRecoveryCode(_ octets: [UInt8]) {
    guard let code = RecoveryCode(typed: octets) else { return }
    must(octets.count <= RecoveryCode.typedMax, "a code over its limit")
    must(octets.allSatisfy { $0 < 0x80 }, "a code of other scripts")
    let printed = code.printed
    must(printed.utf8.count == 19, "printed in another form")
    must(RecoveryCode(typed: printed)?.printed == printed, "printed and read it is another")
    must(!printed.contains { "ILOUilou".contains($0) }, "a letter that is mistaken")
}
