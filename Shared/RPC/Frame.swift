import Wire

/// One frame on the wire, big-endian:
///
/// ```
/// length u32 (bytes after it) · kind u8 · flags u8 · method u16 · call u32 · fields · payload
/// ```
/// Which fields stand before the payload, and in which order, the flags say.
package enum Frame {
    /// Bytes before the fields and the payload.
    package static let headBytes = 12
    /// What `length` does not count: itself.
    package static let lengthBytes = 4
    /// The least `length`: a frame without fields and payload.
    package static let lengthMin = headBytes - lengthBytes

    package enum Kind: UInt8, Sendable, CaseIterable {
        case hello = 1
        case request = 2
        case response = 3
        case fault = 4
        case cancel = 5
        case ping = 6
        case pong = 7
        case goaway = 8
    }

    /// Kinds kept for streams; refused like unknown ones until streams exist.
    package static let reservedKinds: [(number: UInt8, name: String)] = [(9, "item"), (10, "end")]

    /// The fields before the payload, in this order. Only requests carry any.
    package struct Flags: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// 4 bytes: milliseconds from now until the caller stops waiting.
        package static let deadline = Flags(rawValue: 1 << 0)
        /// 16 bytes: the request id, which is the idempotency key.
        package static let requestID = Flags(rawValue: 1 << 1)
        /// 16 bytes trace id and 8 bytes parent span (W3C Trace Context).
        package static let trace = Flags(rawValue: 1 << 2)
        /// 1 byte count and so many bytes: the session token of the user acted for.
        package static let bearer = Flags(rawValue: 1 << 3)

        package static let known: Flags = [.deadline, .requestID, .trace, .bearer]
    }
}

/// The first twelve bytes of a frame, checked in themselves: the kind is known, the flags and
/// numbers stand where they may.
package struct FrameHead: Sendable, Equatable {
    /// Bytes after the length field.
    package let length: Int
    package let kind: Frame.Kind
    package let flags: Frame.Flags
    /// Zero in all kinds but requests.
    package let method: UInt16
    /// Zero in hello, ping, pong and goaway, else not.
    package let call: UInt32

    @inlinable
    package init(
        length: Int, kind: Frame.Kind, flags: Frame.Flags = [], method: UInt16 = 0, call: UInt32 = 0
    ) {
        self.length = length
        self.kind = kind
        self.flags = flags
        self.method = method
        self.call = call
    }

    /// Bytes of the whole frame.
    package var frameBytes: Int { length + Frame.lengthBytes }

    /// What the first bytes of a connection's unread input are.
    package enum Scan: Equatable {
        /// Right so far; more bytes are needed.
        case incomplete
        case frame(FrameHead)
        case violation(Violation)
    }

    /// Looks at the frame that starts `bytes`. A wrong length, kind or flag is refused as soon as
    /// its byte is there, so that nothing is kept for a frame that cannot become right.
    package static func scan(_ bytes: UnsafeRawBufferPointer, lengthMax: Int) -> Scan {
        guard bytes.count >= Frame.lengthBytes else { return .incomplete }
        let length = Int(load(bytes, 0, as: UInt32.self))
        if length < Frame.lengthMin { return .violation(.frameTooShort) }
        if length > lengthMax { return .violation(.frameTooLong) }
        if bytes.count < Frame.headBytes { return scanCutHead(bytes) }
        guard let kind = Frame.Kind(rawValue: bytes[4]) else { return .violation(.kindUnknown) }
        let head = FrameHead(
            length: length, kind: kind, flags: Frame.Flags(rawValue: bytes[5]),
            method: load(bytes, 6, as: UInt16.self), call: load(bytes, 8, as: UInt32.self))
        if let violation = head.violation { return .violation(violation) }
        return bytes.count >= head.frameBytes ? .frame(head) : .incomplete
    }

    private static func scanCutHead(_ bytes: UnsafeRawBufferPointer) -> Scan {
        if bytes.count > 4, Frame.Kind(rawValue: bytes[4]) == nil {
            return .violation(.kindUnknown)
        }
        if bytes.count > 5, !Frame.Flags(rawValue: bytes[5]).isSubset(of: .known) {
            return .violation(.flagUnknown)
        }
        return .incomplete
    }

    private var violation: Violation? {
        guard flags.isSubset(of: .known) else { return .flagUnknown }
        switch kind {
        case .request:
            return call == 0 ? .numberMisplaced : nil
        case .response, .fault:
            return call == 0 || method != 0 || !flags.isEmpty ? .numberMisplaced : nil
        case .cancel:
            return call == 0 || method != 0 || !flags.isEmpty || length != Frame.lengthMin
                ? .numberMisplaced : nil
        case .hello, .goaway:
            return call != 0 || method != 0 || !flags.isEmpty ? .numberMisplaced : nil
        case .ping, .pong:
            return call != 0 || method != 0 || !flags.isEmpty || length != Frame.lengthMin
                ? .numberMisplaced : nil
        }
    }

    @inline(__always)
    private static func load<T: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int, as type: T.Type
    ) -> T {
        T(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}

/// What a request says before its payload, read where it lies: nothing is copied until asked for.
package struct CallHead: ~Copyable {
    package let caller: Caller
    /// The fields of the request at hand, borrowed from the input.
    private var flags: Frame.Flags = []
    private var fields = UnsafeRawBufferPointer(start: nil, count: 0)

    package init(caller: Caller) {
        self.caller = caller
    }

    /// Takes the fields from a request's bytes after its head and returns the payload, or nil when
    /// the fields do not fit.
    package mutating func read(
        _ flags: Frame.Flags, _ bytes: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        self.flags = flags
        fields = bytes
        if flags.isEmpty { return bytes }
        let count = offset(of: .bearer)
        guard count <= bytes.count else { return nil }
        if !flags.contains(.bearer) { return UnsafeRawBufferPointer(rebasing: bytes[count...]) }
        guard count < bytes.count else { return nil }
        let end = count + 1 + Int(bytes[count])
        guard end <= bytes.count else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[end...])
    }

    /// Milliseconds from the request's arrival until the caller stops waiting.
    package var deadlineMilliseconds: UInt32? {
        guard flags.contains(.deadline) else { return nil }
        return UInt32(bigEndian: fields.loadUnaligned(as: UInt32.self))
    }

    package var requestID: RequestID? {
        guard flags.contains(.requestID) else { return nil }
        let at = offset(of: .requestID)
        return RequestID(high: word(at), low: word(at + 8))
    }

    package var trace: Trace? {
        guard flags.contains(.trace) else { return nil }
        let at = offset(of: .trace)
        return Trace(high: word(at), low: word(at + 8), parentSpan: word(at + 16))
    }

    /// The session token, borrowed like the payload.
    package var bearer: UnsafeRawBufferPointer? {
        guard flags.contains(.bearer) else { return nil }
        let at = offset(of: .bearer)
        return UnsafeRawBufferPointer(rebasing: fields[(at + 1)..<(at + 1 + Int(fields[at]))])
    }

    /// All of it, copied, for a handler that waits.
    package func call(deadline: ContinuousClock.Instant?) -> Call {
        Call(
            caller: caller, requestID: requestID ?? .random(), trace: trace ?? .random(),
            deadline: deadline, bearer: bearer.map { Bytes($0) })
    }

    /// Where the field of `flag` starts: behind those of the lower bits.
    private func offset(of flag: Frame.Flags) -> Int {
        var at = 0
        if flag.rawValue > Frame.Flags.deadline.rawValue, flags.contains(.deadline) { at += 4 }
        if flag.rawValue > Frame.Flags.requestID.rawValue, flags.contains(.requestID) { at += 16 }
        if flag.rawValue > Frame.Flags.trace.rawValue, flags.contains(.trace) { at += 24 }
        return at
    }

    private func word(_ offset: Int) -> UInt64 {
        UInt64(bigEndian: fields.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
