import Crypto
import Wire

/// Which part of a URI does not hold.
package enum OTPAuthURIRefusal: Error, Sendable, Equatable {
    /// Longer than `OTPAuthURI.lengthMax`, or with more parameters than `parametersMax`.
    case tooLong
    /// No `otpauth://totp/` or `otpauth://hotp/`, a character that stands in no URI, a fragment,
    /// or a parameter without a value.
    case form
    /// A parameter that is said twice.
    case duplicate
    case label, secret, issuer, algorithm, digits, period, counter
}

/// Reading URIs that other systems exported. Strict, for what is read loosely by one program and
/// otherwise by another gives codes that never fit: nothing twice, nothing contradictory, and of
/// the algorithms, digits and periods only what is known here. Unknown parameters, such as
/// pictures, are passed over.
extension OTPAuthURI {
    package static let lengthMax = 2048
    package static let parametersMax = 16
    /// Octets of the issuer and of the account.
    package static let nameMax = 256

    package init(parsing text: some Collection<UInt8>) throws(OTPAuthURIRefusal) {
        guard text.count <= Self.lengthMax else { throw .tooLong }
        let (type, label, query) = try Self.split(Array(text))
        let fields = try Self.fields(query)
        let (labelIssuer, account) = try Self.names(label)
        let issuer = try fields.issuer()
        if let issuer, let labelIssuer, !issuer.utf8.elementsEqual(labelIssuer.utf8) {
            throw .issuer
        }
        self.init(
            issuer: issuer ?? labelIssuer, account: account, seed: try fields.seed(),
            try fields.parameters(type), nextCounter: try fields.counter(type))
    }

    private static func split(
        _ text: [UInt8]
    ) throws(OTPAuthURIRefusal) -> (ParsedFields.Kind, ArraySlice<UInt8>, ArraySlice<UInt8>) {
        let kind: ParsedFields.Kind
        let head = "otpauth://totp/".utf8
        if text.starts(with: head) {
            kind = .totp
        } else if text.starts(with: "otpauth://hotp/".utf8) {
            kind = .hotp
        } else {
            throw .form
        }
        // Visible ASCII but for the sign of a fragment, of which this format has none.
        guard text.allSatisfy({ 0x21...0x7e ~= $0 && $0 != UInt8(ascii: "#") }),
            let mark = text.firstIndex(of: UInt8(ascii: "?"))
        else { throw .form }
        return (kind, text[head.count..<mark], text[(mark + 1)...])
    }

    private static func fields(
        _ query: ArraySlice<UInt8>
    ) throws(OTPAuthURIRefusal) -> ParsedFields {
        let pairs = query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        guard pairs.count <= parametersMax else { throw .tooLong }
        var values: [String: ArraySlice<UInt8>] = [:]
        for pair in pairs {
            guard let sign = pair.firstIndex(of: UInt8(ascii: "=")), sign > pair.startIndex else {
                throw .form
            }
            let name = String(decoding: pair[..<sign], as: UTF8.self)
            guard values.updateValue(pair[(sign + 1)...], forKey: name) == nil else {
                throw .duplicate
            }
        }
        return ParsedFields(values: values)
    }

    /// `account`, `issuer:account` or `issuer%3Aaccount`, with blanks before the account.
    private static func names(
        _ label: ArraySlice<UInt8>
    ) throws(OTPAuthURIRefusal) -> (issuer: String?, account: String) {
        guard let text = PercentEncoding.decode(label) else { throw .label }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard let last = parts.last, parts.count <= 2,
            let account = name(last.drop { $0 == UInt8(ascii: " ") }), !account.isEmpty
        else { throw .label }
        guard parts.count == 2 else { return (nil, account) }
        guard let issuer = name(parts[0]), !issuer.isEmpty else { throw .label }
        return (issuer, account)
    }

    /// UTF-8 without controls, up to `nameMax` octets.
    fileprivate static func name(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.count <= nameMax, let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return nil }
        return text
    }
}

/// The parameters of a URI as they stand in it.
private struct ParsedFields {
    enum Kind { case totp, hotp }

    let values: [String: ArraySlice<UInt8>]

    /// nil when it is not said, or empty.
    func issuer() throws(OTPAuthURIRefusal) -> String? {
        guard let value = values["issuer"], !value.isEmpty else { return nil }
        guard let bytes = PercentEncoding.decode(value), !bytes.contains(UInt8(ascii: ":")),
            let issuer = OTPAuthURI.name(bytes[...])
        else { throw .issuer }
        return issuer
    }

    func seed() throws(OTPAuthURIRefusal) -> SecretBytes {
        guard let value = values["secret"], var text = PercentEncoding.decode(value) else {
            throw .secret
        }
        defer { wipe(&text) }
        guard let seed = SecretBytes(setupKey: text) else { throw .secret }
        return seed
    }

    /// What is not said is what every app takes it for: SHA-1, 6 digits, 30 seconds.
    func parameters(_ kind: Kind) throws(OTPAuthURIRefusal) -> OneTimePasswordParameters {
        let algorithm = try algorithm()
        guard let digits = Self.number(values["digits"], absent: 6),
            let hotp = HOTP(algorithm: algorithm, digits: Int(digits))
        else { throw .digits }
        guard kind == .totp else {
            guard values["period"] == nil else { throw .period }
            return .hotp(hotp)
        }
        guard let period = Self.number(values["period"], absent: 30),
            let totp = OneTimePassword(
                algorithm: algorithm, digits: hotp.digits, periodSeconds: Int(period))
        else { throw .period }
        return .totp(totp)
    }

    private func algorithm() throws(OTPAuthURIRefusal) -> HMAC.Algorithm {
        guard let value = values["algorithm"] else { return .sha1 }
        let name = String(decoding: value, as: UTF8.self).uppercased()
        guard let it = HMAC.Algorithm.allCases.first(where: { $0.nameInURI == name }) else {
            throw .algorithm
        }
        return it
    }

    /// Where codes come from a counter it has to be said, where they do not it must not be.
    func counter(_ kind: Kind) throws(OTPAuthURIRefusal) -> Int64 {
        let value = values["counter"]
        guard (value != nil) == (kind == .hotp),
            let counter = Self.number(value, absent: 0), counter <= HOTP.counterMax
        else { throw .counter }
        return counter
    }

    /// Decimal, without leading zeros, of at most 16 digits.
    private static func number(_ value: ArraySlice<UInt8>?, absent: Int64) -> Int64? {
        guard let value else { return absent }
        guard 1...16 ~= value.count, value.count == 1 || value.first != UInt8(ascii: "0"),
            value.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        return value.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
}

extension SecretBytes {
    /// A seed as people type and other systems export it, in base32: of either case, in groups,
    /// with or without padding; nil unless it has `OneTimePassword.seedRange` bytes.
    package convenience init?(setupKey text: some Collection<UInt8>) {
        guard text.count <= 256, var seed = Base32.decode(lenient: text) else { return nil }
        defer { wipe(&seed) }
        guard OneTimePassword.seedRange.contains(seed.count) else { return nil }
        self.init(copying: seed)
    }
}

/// RFC 3986 §2.1. A plus sign is a plus sign.
private enum PercentEncoding {
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit),
                let low = rest.popFirst().flatMap(digit)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
