import Fixtures
import Foundation
import Testing
import Wire

/// A document of the samples, as the contracts make theirs.
enum SampleDocument {
    static let whole = SchemaDocument(
        package: "samples.v1",
        services: [
            ServiceSchema(
                name: "PaletteService", number: 9, about: "Paints.",
                methods: [
                    MethodSchema(
                        name: "Paint", number: 0x0901, request: Choices.self, response: Tree.self,
                        about: "Paints a tree.", callers: "registered callers"),
                    MethodSchema(
                        name: "Clean", number: 0x0902, request: Nothing.self,
                        response: Nothing.self, about: "Cleans up.", callers: "auth-gateway"),
                ])
        ],
        besides: [Blob.self])

    static let protoText = whole.protoText(preface: "Made from the declarations of the tests.")
}

@Suite struct SchemaTests {
    @Test func `a message is printed as proto3 with its sentences`() {
        let text = MessageSchema(of: Presents.self).protoText
        #expect(text.hasPrefix("// Fields that know whether they are there.\nmessage Presents {\n"))
        for line in [
            "UUID of the palette, 36 lower-case characters. At most 36 bytes. Required.",
            "  optional string id = 1;", "  optional Shade shade = 3;",
            "  google.protobuf.Timestamp moment = 4;", "  Zeros zeros = 6;",
            "  optional bytes maybe_blob = 12;", "  optional int64 maybe_signed = 16;",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
        let zeros = MessageSchema(of: Zeros.self).protoText
        #expect(zeros.contains("  reserved 10, 12;\n") && zeros.contains("\n  bool is_on = 3;\n"))
    }

    @Test func `alternatives stand together`() {
        let text = MessageSchema(of: Choices.self).protoText
        let expected = """
              // Exactly one of these.
              oneof first_choice {
                // Zeros.
                Zeros first_zeros = 9;
                // Presents.
                Presents presents = 8;
              }
              // Between them.
              uint32 between = 7;
            """
        #expect(text.contains(expected))
    }

    @Test func `everything within a message is found, inner things first`() {
        let schema = MessageSchema(of: Choices.self)
        #expect(schema.nested.map(\.name) == ["Zeros", "Presents", "Lists"])
        #expect(schema.enumerations.map(\.name) == ["Shade"])
        #expect(MessageSchema(of: Tree.self).nested == [])
        #expect(
            MessageSchema(of: Tree.self).fields.map(\.type) == [
                .primitive(.uint32), .message("Tree"),
            ])
    }

    @Test func `a table shows each field with its bound`() {
        let table = MessageSchema(of: Lists.self).markdown
        #expect(table.contains("| `texts` | 1 | `string` | list | 4 of 10 bytes | Texts. |\n"))
        #expect(table.contains("| `zeros` | 20 | `Zeros` | list | 4 | Messages. |\n"))
        let zeros = MessageSchema(of: Zeros.self).markdown
        #expect(
            zeros.contains("| `isOn` | 3 | `bool` | absent is zero |  | A truth \\| a lie. |\n"))
        #expect(zeros.contains("Numbers no longer used: 10, 12."))
    }

    @Test func `the document lists every type once`() {
        let document = SampleDocument.whole
        #expect(document.problems == [])
        #expect(
            document.messages.map(\.name) == [
                "Zeros", "Presents", "Lists", "Choices", "Tree", "Nothing", "Blob",
            ])
        let markdown = document.markdown
        #expect(markdown.contains("| `Paint` | 0x0901 | Choices | Tree | registered callers |"))
        #expect(markdown.contains("| `SHADE_INVERSE` | -2 | It is SHADE_INVERSE. |"))
    }

    @Test func `mistakes in a declaration are found`() {
        #expect(
            MessageSchema(of: Mistaken.self).problems == [
                "Mistaken.first: no sentence", "Mistaken.Second: the name is not lowerCamelCase",
                "Mistaken.third: number 19500 is not for use", "Mistaken: number 1 twice",
                "Mistaken.fourth: its number is retired", "Mistaken: no sentence",
            ])
    }
}

private struct Mistaken: Message {
    static let name = "Mistaken"
    static let about = ""
    static let retiredNumbers: [UInt32] = [4]

    init(_ coder: inout some Coder, _: Self?) throws(WireFault) {
        _ = try coder.field(1, "first", nil as UInt32?, "")
        _ = try coder.field(1, "Second", nil as UInt32?, "Two.")
        _ = try coder.field(19_500, "third", nil as UInt32?, "Three.")
        _ = try coder.field(4, "fourth", nil as UInt32?, "Four.")
    }
}
