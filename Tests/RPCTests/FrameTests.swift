import RPC
import Testing
import Wire

/// The bytes of one frame, also of wrong ones.
func frameBytes(
    length: UInt32? = nil, kind: UInt8, flags: UInt8 = 0, method: UInt16 = 0, call: UInt32 = 0,
    payload: [UInt8] = []
) -> [UInt8] {
    var output = OutputBuffer()
    output.append(bigEndian: length ?? UInt32(8 + payload.count))
    output.append(kind)
    output.append(flags)
    output.append(bigEndian: method)
    output.append(bigEndian: call)
    output.append(payload)
    return output.bytes
}

private func scan(_ bytes: [UInt8], lengthMax: Int = 1000) -> FrameHead.Scan {
    bytes.withUnsafeBytes { FrameHead.scan($0, lengthMax: lengthMax) }
}

struct FrameTests {
    @Test func `a frame is incomplete at every cut and whole at its last byte`() {
        let bytes = frameBytes(kind: 2, method: 0x0102, call: 7, payload: [1, 2, 3])
        for cut in 0..<bytes.count {
            #expect(scan(Array(bytes[..<cut])) == .incomplete)
        }
        let head = FrameHead(length: 11, kind: .request, method: 0x0102, call: 7)
        #expect(scan(bytes) == .frame(head))
        #expect(scan(bytes + [9, 9]) == .frame(head))
    }

    @Test(arguments: [0, 1, 7] as [UInt32])
    func `F-01 a length that does not even hold the head is refused at its fourth byte`(
        _ length: UInt32
    ) {
        let bytes = frameBytes(length: length, kind: 2, call: 1)
        #expect(scan(Array(bytes[..<3])) == .incomplete)
        #expect(scan(Array(bytes[..<4])) == .violation(.frameTooShort))
    }

    @Test(arguments: [1001, 1 << 31, .max] as [UInt32])
    func `F-02 a length over the limit is refused before a byte of it is kept`(_ length: UInt32) {
        let bytes = frameBytes(length: length, kind: 2, call: 1)
        #expect(scan(Array(bytes[..<4])) == .violation(.frameTooLong))
    }

    @Test func `a length at the limit is taken`() {
        let bytes = frameBytes(kind: 2, call: 1, payload: [UInt8](repeating: 0, count: 992))
        #expect(scan(bytes) == .frame(FrameHead(length: 1000, kind: .request, call: 1)))
    }

    @Test func `F-06 every kind that does not exist is refused at its byte`() {
        for kind in UInt8.min ... .max where Frame.Kind(rawValue: kind) == nil {
            let bytes = frameBytes(kind: kind, call: 1)
            #expect(scan(Array(bytes[..<5])) == .violation(.kindUnknown))
            #expect(scan(bytes) == .violation(.kindUnknown))
        }
    }

    @Test
    func `F-06, F-36 every flag without meaning is refused at its byte, also one for compression`()
    {
        for flags in UInt8.min ... .max where flags & 0xf0 != 0 {
            let bytes = frameBytes(kind: 2, flags: flags, call: 1)
            #expect(scan(Array(bytes[..<6])) == .violation(.flagUnknown))
            #expect(scan(bytes) == .violation(.flagUnknown))
        }
    }

    @Test func `numbers and payloads stand only where a kind has them`() {
        let wrong = [
            frameBytes(kind: 1, call: 1), frameBytes(kind: 1, method: 1),
            frameBytes(kind: 1, flags: 1), frameBytes(kind: 2, call: 0),
            frameBytes(kind: 3, call: 0), frameBytes(kind: 3, method: 1, call: 1),
            frameBytes(kind: 3, flags: 1, call: 1), frameBytes(kind: 4, call: 0),
            frameBytes(kind: 5, call: 0), frameBytes(kind: 5, call: 1, payload: [0]),
            frameBytes(kind: 6, call: 1), frameBytes(kind: 6, payload: [0]),
            frameBytes(kind: 7, call: 1), frameBytes(kind: 7, payload: [0]),
            frameBytes(kind: 8, call: 1), frameBytes(kind: 8, flags: 2),
        ]
        for bytes in wrong { #expect(scan(bytes) == .violation(.numberMisplaced)) }
    }

    @Test func `the fields of a request come back as they were written, in every combination`() {
        let id = RequestID(high: 0x0102_0304_0506_0708, low: 9)
        let trace = Trace(high: 1, low: 2, parentSpan: 3)
        for flags in 0..<16 {
            let fields = RequestFields(
                deadlineMilliseconds: flags & 1 == 0 ? nil : 5000,
                requestID: flags & 2 == 0 ? nil : id, trace: flags & 4 == 0 ? nil : trace,
                bearer: flags & 8 == 0 ? nil : Bytes(utf8: "token"))
            var output = OutputBuffer()
            output.appendRequest(0x0203, call: 4, fields, payload: [7, 8])
            var head = CallHead(caller: .service(identity: "x"))
            output.withBytes { bytes in
                guard case .frame(let frame) = FrameHead.scan(bytes, lengthMax: 1000) else {
                    Issue.record("not a frame")
                    return
                }
                #expect(Int(frame.flags.rawValue) == flags)
                let body = head.read(
                    frame.flags, UnsafeRawBufferPointer(rebasing: bytes[Frame.headBytes...]))
                #expect(body.map { Array($0) } == [7, 8])
                #expect(head.deadlineMilliseconds == fields.deadlineMilliseconds)
                #expect(head.requestID == fields.requestID)
                #expect(head.trace == fields.trace)
                #expect(head.bearer.map { Bytes($0) } == fields.bearer)
            }
        }
    }

    @Test func `fields cut at any byte are refused`() {
        let fields = RequestFields(
            deadlineMilliseconds: 1, requestID: .random(), trace: .random(),
            bearer: Bytes(utf8: "token"))
        var output = OutputBuffer()
        output.appendRequest(1, call: 1, fields, payload: [])
        let body = Array(output.bytes[Frame.headBytes...])
        for cut in 0..<body.count {
            body[..<cut].withUnsafeBytes { bytes in
                var head = CallHead(caller: .service(identity: "x"))
                #expect(head.read([.deadline, .requestID, .trace, .bearer], bytes) == nil)
            }
        }
    }
}
