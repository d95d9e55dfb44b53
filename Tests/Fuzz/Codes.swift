import Crypto
import OTP
import Wire

/// One-time codes, whatever is stored and whatever the clock says: no step or counter is accepted
/// at or before the last one, and none outside the widest window.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let drift = ClockDrift(stored: Int64(bitPattern: choices.word()))
    must(ClockDrift(stored: drift.stored) == drift, "a drift reads back as another")
    let now = Timestamp(microseconds: Int64(bitPattern: choices.word()))
    let last = Int64(bitPattern: choices.word())
    let offset = Int64(choices.byte() % 7) - 3
    checkText(choices.rest)
    checkCounter(last, offset, resync: HOTPResync(stored: drift.stored))
    let current = OneTimePassword.standard.step(at: now)
    let (step, overflow) = current.addingReportingOverflow(offset)
    guard !overflow else { return }
    let code = OneTimePassword.standard.code(seed: seed, counter: UInt64(clamping: step))
    switch TOTPCheck.decide(code, seed: seed, now: now, lastStep: last, drift: drift) {
    case .accepted(let accepted, let learned):
        must(accepted > last, "step \(accepted) after \(last)")
        must((current - 2...current + 1).contains(accepted), "far from \(current)")
        must(abs(learned.steps - drift.steps) <= 1, "learned two steps at once")
        must(ClockDrift(stored: learned.stored) == learned, "what it learned is not stored")
    case .used: must(last >= current - 2, "used, though nothing so late was accepted")
    case .wrong(let learned):
        must(learned.steps == drift.steps, "a wrong code moved the clock")
        must(offset < -1 || offset > 0 || step <= 0, "a right code was refused")
    }
}

private let seed = SecretBytes(copying: Array("12345678901234567890".utf8))

private func checkCounter(_ last: Int64, _ offset: Int64, resync: HOTPResync) {
    must(HOTPResync(stored: resync.stored) == resync, "what is remembered reads as another")
    let (counter, overflow) = last.addingReportingOverflow(offset * 30)
    guard !overflow else { return }
    let code = HOTP.standard.code(seed: seed, counter: UInt64(clamping: counter))
    switch HOTPCheck.decide(code, seed: seed, .standard, lastCounter: last, resync: resync) {
    case .accepted(let accepted):
        must(accepted > last, "counter \(accepted) after \(last)")
        let isNear = accepted <= last + HOTPCheck.lookAhead
        must(isNear || accepted == resync.stored, "too far ahead of \(last)")
    case .used: must(last >= 0, "used, though nothing was accepted")
    case .wrong(let learned):
        must(learned == .none || learned.stored > last + HOTPCheck.lookAhead, "remembers \(last)")
    }
}

private func checkText(_ octets: UnsafeRawBufferPointer) {
    for digits in 6...8 {
        guard let code = OneTimeCode(parsing: octets, digits: digits) else { continue }
        must(octets.count == digits, "a code of another length")
        must(code.text.utf8.elementsEqual(octets), "a code reads differently")
    }
    guard let name = String(validating: octets, as: UTF8.self) else { return }
    let uri = OTPAuthURI.text(issuer: name, account: name, seed: seed)
    must(uri.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a URI of other octets")
    must(uri.utf8.count { $0 == UInt8(ascii: "?") } == 1, "a second query")
    must(uri.utf8.count { $0 == UInt8(ascii: "&") } == 4, "a parameter of the name's own")
    must(uri.utf8.count { $0 == UInt8(ascii: ":") } == 2, "a second colon in the label")
}
