import Fixtures
import Foundation
import Testing
import Wire

/// RFC 8259, judged by JSONTestSuite (github.com/nst/JSONTestSuite): `y_` must be accepted, `n_`
/// refused, `i_` is ours to decide.
@Suite struct JSONTests {
    /// Valid by the RFC, refused by us: of two equal names one reader takes the first and another
    /// the last.
    private static let refusedOnPurpose: Set<String> = [
        "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
    ]
    /// Numbers of any size are text until somebody asks for a type. All other `i_` files hold what
    /// is no UTF-8, half a surrogate pair, a byte order mark or nest too deep.
    private static let acceptedByChoice: Set<String> = [
        "i_number_double_huge_neg_exp.json", "i_number_huge_exp.json",
        "i_number_neg_int_huge_exp.json", "i_number_pos_double_huge_exp.json",
        "i_number_real_neg_overflow.json", "i_number_real_pos_overflow.json",
        "i_number_real_underflow.json", "i_number_too_big_neg_int.json",
        "i_number_too_big_pos_int.json", "i_number_very_big_negative_int.json",
    ]

    private func isAccepted(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try JSON(parsing: bytes)
            return true
        } catch {
            return false
        }
    }

    @Test(.enabled(if: Vectors.folder != nil, Vectors.whyAbsent))
    func `H-77 JSONTestSuite is decided file by file`() throws {
        let names = Vectors.names(in: "json/test_parsing").filter { $0.hasSuffix(".json") }
        #expect(names.count > 300)
        for name in names {
            let data = try #require(Vectors.data("json/test_parsing/\(name)"))
            let expected =
                name.hasPrefix("y_") && !Self.refusedOnPurpose.contains(name)
                || Self.acceptedByChoice.contains(name)
            #expect(isAccepted(Array(data)) == expected, "\(name)")
        }
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1,]", "[,1]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "'a'", "[1 2]",
        "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "nul", "nulll",
        "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
        "\"a\nb\"", "\"\u{0}\"", "\"a", "\"", "\u{feff}1", "1 1", "[]]", "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"b\":1}}", "{\"\\u0061\":1,\"a\":2}", "//c\n1", "1/**/", "\u{a0}1",
        "\"\\ud83d\\\\ude00\"",
    ])
    func `H-77 what the RFC does not know is refused`(text: String) {
        #expect(!isAccepted(Array(text.utf8)))
    }

    @Test func `names are compared by their characters, not by what they look like`() throws {
        // é in one character and in two: equal for String, different names for the RFC.
        let json = try JSON(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}".utf8)
        guard case .object(let members) = json else { throw WireFault.json(at: 0) }
        #expect(members.count == 2)
    }

    @Test func `of many names, too, each may come once`() {
        let names = (0..<200).map { "\"n\($0)\":0" }
        #expect(isAccepted(Array("{\(names.joined(separator: ","))}".utf8)))
        for twice in [0, 15, 16, 17, 199] {
            let text = "{\((names + [names[twice]]).joined(separator: ","))}"
            #expect(!isAccepted(Array(text.utf8)), "\(twice)")
        }
    }

    @Test func `arrays nest 64 deep and not 65`() {
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(isAccepted(nested(64)))
        #expect(throws: WireFault.nestedTooDeep) { try JSON(parsing: nested(65)) }
        #expect(throws: WireFault.nestedTooDeep) {
            try JSON(parsing: [UInt8](repeating: 0x5b, count: 1_000_000))
        }
        let objects = String(repeating: "{\"a\":", count: 100_000)
        #expect(throws: WireFault.nestedTooDeep) { try JSON(parsing: objects.utf8) }
    }

    @Test func `escapes stand for their characters`() throws {
        let json = try JSON(
            parsing: "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\\u0000\"".utf8)
        #expect(json == .string("\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1F600}\u{0}"))
    }

    @Test func `a refusal says where`() {
        #expect(throws: WireFault.json(at: 4)) { try JSON(parsing: "[1, x]".utf8) }
        #expect(throws: WireFault.json(at: 7)) { try JSON(parsing: "{\"a\":1,\"a\":1}".utf8) }
    }

    @Test func `a tree is written as another parser reads it`() throws {
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<300 {
            let json = tree(&generator, levels: 4)
            let bytes = json.serialized()
            #expect(try JSON(parsing: bytes) == json)
            _ = try JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
        }
    }

    private func tree(_ generator: inout SeededGenerator, levels: Int) -> JSON {
        let texts = ["", "a", "\"\\\u{1}\u{1f}\n\t\r", "é😀", "\u{7f}\u{2028}", "null"]
        switch Int.random(in: 0..<(levels > 0 ? 6 : 4), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .number("\(Int.random(in: -1000...1000, using: &generator)).5e3")
        case 3: return .string(texts.randomElement(using: &generator) ?? "")
        case 4: return .array((0..<3).map { _ in tree(&generator, levels: levels - 1) })
        default:
            return .object(
                texts.map { JSON.Member($0, tree(&generator, levels: levels - 1)) })
        }
    }

    @Test func `trees are asked without traps`() throws {
        let json = try JSON(parsing: "{\"a\":[1,\"x\",-2.0,1e2,1e400]}".utf8)
        #expect(json["a"]?[0]?.integer(UInt8.self) == 1)
        #expect(json["a"]?[1]?.text == "x" && json["a"]?[2]?.integer(Int.self) == -2)
        #expect(json["a"]?[2]?.integer(UInt.self) == nil && json["a"]?[3]?.integer(Int.self) == 100)
        #expect(json["a"]?[4]?.integer(Int.self) == nil && json["a"]?[9] == nil && json["b"] == nil)
    }
}
