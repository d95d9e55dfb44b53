import Foundation
import Wire

/// Something that must stand nowhere, and every form that it may stand in.
struct CanarySecret: Sendable {
    let name: String
    let bytes: [UInt8]
    /// Ends of the paths whose answers are there to tell it.
    let toldBy: [String]
    private let forms: [[UInt8]]
    /// Digits alone may stand in a longer number by chance.
    private let isNumber: Bool

    init(_ name: String, _ text: String, toldBy: [String] = []) {
        self.init(name, Array(text.utf8), toldBy: toldBy)
    }

    init(_ name: String, _ bytes: [UInt8], toldBy: [String] = []) {
        (self.name, self.bytes, self.toldBy) = (name, bytes, toldBy)
        isNumber = bytes.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
        forms = Self.encodings.flatMap { $0.all(bytes) }.filter { !$0.isEmpty }
    }

    /// A way to write octets, as a whole and within something larger.
    struct Encoding: Sendable {
        let name: String
        /// One for each place that it can begin at, where that changes what is written.
        let all: @Sendable ([UInt8]) -> [[UInt8]]
    }

    static let encodings: [Encoding] = [
        Encoding(name: "text") { [$0] },
        Encoding(name: "hex") { bytes in
            let hex = bytes.map { String(format: "%02x", $0) }.joined()
            return [Array(hex.utf8), Array(hex.uppercased().utf8)]
        },
        Encoding(name: "base64") { bytes in aligned(bytes, unit: 3, bits: 6) { base64($0) } },
        Encoding(name: "base64url") { bytes in
            aligned(bytes, unit: 3, bits: 6) {
                base64($0).replacingOccurrences(of: "+", with: "-")
                    .replacingOccurrences(of: "/", with: "_")
            }
        },
        Encoding(name: "base32") { bytes in aligned(bytes, unit: 5, bits: 5) { Base32.encode($0) }
        },
        Encoding(name: "percent") { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            let written = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            return [Array((written ?? text).utf8)]
        },
    ]

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// What is sure to stand there at each alignment, without the letters that neighbours share.
    private static func aligned(
        _ bytes: [UInt8], unit: Int, bits: Int, _ encode: ([UInt8]) -> String
    ) -> [[UInt8]] {
        (0..<unit).map { offset in
            let padded = [UInt8](repeating: 0, count: offset) + bytes
            let letters = encode(padded).utf8.filter { $0 != UInt8(ascii: "=") }
            let first = (offset * 8 + bits - 1) / bits
            let last = padded.count * 8 / bits
            return Array(letters[first..<last])
        }
    }

    /// Whether it stands there in any form.
    func stands(in text: Data) -> Bool {
        forms.contains { form in
            let (form, isBare) = (Data(form), isNumber && form == bytes)
            var rest = text.startIndex..<text.endIndex
            while let found = text.range(of: form, in: rest) {
                if !isBare || isApart(found, in: text) { return true }
                rest = (found.lowerBound + 1)..<text.endIndex
            }
            return false
        }
    }

    private func isApart(_ found: Range<Int>, in text: Data) -> Bool {
        func belongs(_ index: Int) -> Bool {
            guard text.indices.contains(index) else { return false }
            let octet = text[index]
            return octet == UInt8(ascii: ".") || octet == UInt8(ascii: "_")
                || Character(UnicodeScalar(octet)).isHexDigit
        }
        return !belongs(found.lowerBound - 1) && !belongs(found.upperBound)
    }
}
