import Fixtures
import Testing
import Wire

/// The proto3 JSON mapping, value by value.
@Suite struct JSONMappingTests {
    private func zeros(_ text: String) throws(WireFault) -> Zeros {
        try Zeros(json: Array(text.utf8))
    }

    @Test func `a message is written as the mapping says`() throws {
        var it = Zeros()
        #expect(it.json() == Array("{}".utf8))
        it.text = "é\n\""
        it.blob = Bytes([0xfb, 0xff])
        it.isOn = true
        it.small = 7
        it.large = .max
        it.signed = .min
        it.shade = .dark
        it.moment = Timestamp(microseconds: 1_500)
        let expected = #"""
            {"text":"é\n\"","blob":"+/8=","isOn":true,"small":7,"large":"18446744073709551615",\#
            "signed":"-9223372036854775808","shade":"SHADE_DARK",\#
            "moment":"1970-01-01T00:00:00.001500Z"}
            """#
        #expect(String(decoding: it.json(), as: UTF8.self) == expected)
    }

    @Test(arguments: [
        ("{\"small\":7}", 7), ("{\"small\":\"7\"}", 7), ("{\"small\":7.0}", 7),
        ("{\"small\":0.7e1}", 7), ("{\"small\":70E-1}", 7), ("{\"small\":\"7e0\"}", 7),
        ("{\"small\":4294967295}", UInt32.max), ("{\"small\":0e99999999}", 0),
        ("{\"small\":-0}", 0), ("{\"small\":null}", 0), (" {\"other\":[{}],\"small\":1} ", 1),
    ])
    func `numbers come in any whole notation`(text: String, expected: UInt32) throws {
        #expect(try zeros(text).small == expected)
    }

    @Test(arguments: [
        "4294967296", "-1", "1.5", "\"\"", "\" 7\"", "\"7 \"", "\"0x7\"", "\"07\"", "true", "[7]",
        "{}", "1e400", "1e99999999999999999999", "1e-1", "\"NaN\"", "\"7,\"", "\"[7]\"",
        "\"-\"", "10000000000000000000000", "\"\\u00a07\"",
    ])
    func `other values are no number`(value: String) {
        #expect(throws: WireFault.value(field: "small")) { try zeros("{\"small\":\(value)}") }
    }

    @Test func `64-bit numbers keep every digit`() throws {
        #expect(try zeros("{\"large\":18446744073709551615}").large == .max)
        #expect(try zeros("{\"signed\":\"-9223372036854775808\"}").signed == .min)
        #expect(throws: WireFault.value(field: "large")) {
            try zeros("{\"large\":18446744073709551616}")
        }
        #expect(throws: WireFault.value(field: "signed")) {
            try zeros("{\"signed\":\"-9223372036854775809\"}")
        }
    }

    @Test(arguments: ["+/8=", "+/8", "-_8=", "-_8"])
    func `bytes come in either alphabet, padded or not`(text: String) throws {
        #expect(try zeros("{\"blob\":\"\(text)\"}").blob == Bytes([0xfb, 0xff]))
    }

    @Test(arguments: [
        "\"+_8=\"", "\"+/9=\"", "\"+/8==\"", "\"+\"", "\"+/ 8\"", "\"=\"", "7", "\"+/8=+/8=\"",
    ])
    func `other texts are no bytes`(value: String) {
        #expect(throws: WireFault.value(field: "blob")) { try zeros("{\"blob\":\(value)}") }
    }

    @Test func `enumerations come by name or number`() throws {
        #expect(try zeros("{\"shade\":\"SHADE_DARK\"}").shade == .dark)
        #expect(try zeros("{\"shade\":7}").shade == .dark)
        #expect(try zeros("{\"shade\":-2}").shade == .inverse)
        // The Kelvin sign is another spelling of K.
        for value in [
            "\"SHADE_DAR\u{212a}\"", "\"DARK\"", "\"shade_dark\"", "8", "\"7\"", "1.5", "true",
            "\"\"",
        ] {
            #expect(throws: WireFault.value(field: "shade")) { try zeros("{\"shade\":\(value)}") }
        }
    }

    @Test func `truths are true or false, texts are texts`() {
        for value in ["1", "\"true\"", "0", "\"\"", "{}"] {
            #expect(throws: WireFault.value(field: "isOn")) { try zeros("{\"isOn\":\(value)}") }
        }
        for value in ["1", "true", "[]", "{}"] {
            #expect(throws: WireFault.value(field: "text")) { try zeros("{\"text\":\(value)}") }
        }
        for value in ["1", "\"now\"", "\"2023-02-30T00:00:00Z\"", "{\"seconds\":1}"] {
            #expect(throws: WireFault.value(field: "moment")) { try zeros("{\"moment\":\(value)}") }
        }
    }

    @Test func `names come in both spellings, but one of them`() throws {
        #expect(try zeros("{\"is_on\":true}").isOn)
        #expect(throws: WireFault.duplicate(field: "isOn")) {
            try zeros("{\"is_on\":true,\"isOn\":true}")
        }
        #expect(throws: WireFault.duplicate(field: "isOn")) {
            try zeros("{\"is_on\":null,\"isOn\":true}")
        }
        #expect(try zeros("{\"ISON\":true,\"is_on_\":true,\"Is_On\":true}") == Zeros())
    }

    @Test func `null is absence, also of an alternative, and never an element`() throws {
        #expect(try zeros("{\"text\":null,\"moment\":null,\"unknown\":null}") == Zeros())
        let choices = "{\"presents\":null,\"firstZeros\":{},\"lists\":{\"texts\":null}}"
        #expect(try Choices(json: Array(choices.utf8)).first == .zeros(Zeros()))
        #expect(throws: WireFault.missing(field: "id")) {
            try Presents(json: Array("{\"id\":null}".utf8))
        }
        #expect(throws: WireFault.value(field: "texts")) {
            try Lists(json: Array("{\"texts\":[null]}".utf8))
        }
        #expect(throws: WireFault.value(field: "zeros")) {
            try Lists(json: Array("{\"zeros\":[null]}".utf8))
        }
    }

    @Test func `an alternative is there once`() {
        let both = "{\"presents\":{},\"firstZeros\":{},\"lists\":{}}"
        #expect(throws: WireFault.missing(field: "id")) { try Choices(json: Array(both.utf8)) }
        let two = "{\"firstZeros\":{},\"lists\":{},\"secondZeros\":{}}"
        #expect(throws: WireFault.duplicate(field: "secondChoice")) {
            try Choices(json: Array(two.utf8))
        }
        #expect(throws: WireFault.missing(field: "firstChoice")) {
            try Choices(json: Array("{}".utf8))
        }
    }

    @Test(arguments: ["[]", "null", "1", "\"{}\"", "true"])
    func `a message is an object`(text: String) {
        #expect(throws: WireFault.json(at: 0)) { try Zeros(json: Array(text.utf8)) }
        #expect(throws: WireFault.self) { try Tree(json: Array("{\"branches\":[\(text)]}".utf8)) }
        #expect(throws: WireFault.self) { try Tree(json: Array("{\"branches\":{}}".utf8)) }
    }

    @Test func `messages nest as deep as in binary`() throws {
        let deepest = Tree.chain(32)
        #expect(try Tree(json: deepest.json()) == deepest)
        #expect(throws: WireFault.nestedTooDeep) { try Tree(json: Tree.chain(33).json()) }
    }
}
