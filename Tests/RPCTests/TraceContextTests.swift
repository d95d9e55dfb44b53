import RPC
import Testing

struct TraceContextTests {
    private static let id = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00f067aa0ba902b7"

    private func trace(_ text: String) -> Trace? { Trace(traceparent: Array(text.utf8)) }

    @Test(arguments: ["00", "01", "ff"], ["00", "01", "9a"])
    func `the id and the parent are taken, whatever the flags`(
        _ version: String, _ flags: String
    ) {
        let trace = trace("\(version)-\(Self.id)-\(Self.parent)-\(flags)")
        guard version != "ff" else { return #expect(trace == nil) }
        #expect(trace?.description == Self.id)
        #expect(trace?.parentSpan == 0x00f0_67aa_0ba9_02b7)
    }

    @Test func `a later version may say more, this one may not`() {
        let context = "\(Self.id)-\(Self.parent)-01"
        #expect(trace("00-\(context)-more") == nil)
        #expect(trace("00-\(context)-") == nil)
        #expect(trace("00-\(context)0") == nil)
        #expect(trace("cc-\(context)-more")?.description == Self.id)
        #expect(trace("cc-\(context).more") == nil)
    }

    @Test(
        arguments: [
            "", "00", "-", "00-", "4bf92f3577b34da6a3ce929d0e0e4736",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-001",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ])
    func `what is not of the form begins no trace`(_ text: String) {
        #expect(trace(text) == nil)
    }

    @Test func `every cut and every changed octet is refused or is another trace`() {
        let whole = Array("00-\(Self.id)-\(Self.parent)-01".utf8)
        let right = Trace(traceparent: whole)
        for count in whole.indices { #expect(Trace(traceparent: whole[..<count]) == nil) }
        for place in 3..<52 {
            for octet in [0x00, 0x20, 0x2d, 0x2f, 0x3a, 0x60, 0x67, 0x80, 0xff] as [UInt8] {
                var changed = whole
                guard changed[place] != octet else { continue }
                changed[place] = octet
                #expect(Trace(traceparent: changed) == nil, "\(place) \(octet)")
            }
        }
        #expect(right?.child().description == right?.description)
        #expect(right?.child().parentSpan != right?.parentSpan)
    }
}
