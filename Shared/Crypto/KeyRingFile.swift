import Wire

/// Why a key file is refused. No case holds a byte of a key.
package enum KeyRingFault: Error, Sendable, Equatable {
    case tooLarge
    case notText
    /// Not `name base64key [primary]`; lines count from 1.
    case line(Int)
    /// Not 1 to 32 characters of a-z, 0-9, `-`, `_` and `.`.
    case name(line: Int)
    /// Not 32 bytes in base64.
    case key(name: String)
    case duplicateName(String)
    /// Two names for one key: rotation would change nothing.
    case duplicateKey(name: String)
    case severalPrimaries
    case empty
}

extension KeyRingFault: CustomStringConvertible {
    /// For the operator; no key stands in it.
    package var description: String {
        switch self {
        case .tooLarge: "it has more than \(KeyRing.fileMax) bytes or \(KeyRing.keysMax) keys"
        case .notText: "it is not UTF-8"
        case .line(let line): "line \(line) is not `name base64key [primary]`"
        case .name(let line):
            "the name in line \(line) is not 1 to \(KeyRing.nameMax) of a-z, 0-9, - _ and ."
        case .key(let name): "the key \(name) is not 32 bytes in base64"
        case .duplicateName(let name): "the name \(name) stands there twice"
        case .duplicateKey(let name): "the key \(name) stands there under another name too"
        case .severalPrimaries: "several keys are marked as primary"
        case .empty: "there is no key in it"
        }
    }
}

/// The file of a key ring: a line `name base64key` per key, blank lines and `#` comments between
/// them. The line marked `primary` seals, or the last one when none is marked.
extension KeyRing {
    package static let fileMax = 64 << 10
    package static let keysMax = 64
    package static let nameMax = 32

    package init(parsing text: some ByteSource) throws(KeyRingFault) {
        var file = KeyRingFile()
        try text.lend { (bytes) throws(KeyRingFault) in
            guard bytes.count <= Self.fileMax else { throw .tooLarge }
            guard bytes.allSatisfy({ $0 < 0x80 && $0 != 0 }) else { throw .notText }
            let lines = bytes.split(
                separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() {
                try file.read(Array(line), number: index + 1)
            }
        }
        guard let primary = file.primary ?? file.keys.last else { throw .empty }
        self.init(keys: file.keys, primary: primary)
    }

    /// The text of a new file with one random key; nil when the name is not one.
    package static func generate(name: String = "key-1") throws(CryptoFault) -> String? {
        guard KeyRingFile.isName(Array(name.utf8)) else { return nil }
        let key = Base64.encode(try Random.bytes(AEAD.keySize))
        return """
            # name and key (32 bytes, base64). The last line seals, or the one marked: primary
            # Without this file nothing sealed by it can ever be opened again.
            \(name) \(key)

            """
    }
}

private struct KeyRingFile {
    var keys: [KeyRing.Key] = []
    var primary: KeyRing.Key?

    mutating func read(_ line: [UInt8], number: Int) throws(KeyRingFault) {
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == 13 }
        guard let first = words.first, first.first != UInt8(ascii: "#") else { return }
        guard words.count == 2 || words.count == 3 && words[2].elementsEqual("primary".utf8)
        else { throw .line(number) }
        guard Self.isName(Array(first)) else { throw .name(line: number) }
        let name = String(decoding: first, as: UTF8.self)
        guard var bytes = Base64.decode(words[1]), bytes.count == AEAD.keySize else {
            throw .key(name: name)
        }
        let key = KeyRing.Key(name: name, secret: SecretBytes(taking: &bytes))
        try add(key, isPrimary: words.count == 3)
    }

    private mutating func add(_ key: KeyRing.Key, isPrimary: Bool) throws(KeyRingFault) {
        guard keys.count < KeyRing.keysMax else { throw .tooLarge }
        for other in keys {
            guard other.name != key.name else { throw .duplicateName(key.name) }
            guard other.secret != key.secret else { throw .duplicateKey(name: key.name) }
        }
        keys.append(key)
        guard isPrimary else { return }
        guard primary == nil else { throw .severalPrimaries }
        primary = key
    }

    static func isName(_ text: [UInt8]) -> Bool {
        guard 1...KeyRing.nameMax ~= text.count else { return false }
        return text.allSatisfy { character in
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}
