import Wire

/// What a request carries before its payload, from the sender's side.
package struct RequestFields: Sendable {
    /// Milliseconds until the caller stops waiting.
    package var deadlineMilliseconds: UInt32?
    package var requestID: RequestID?
    package var trace: Trace?
    /// At most `bearerBytesMax` bytes. Secret.
    package var bearer: Bytes?

    /// What its one-byte count can say.
    package static let bearerBytesMax = 255

    package init(
        deadlineMilliseconds: UInt32? = nil, requestID: RequestID? = nil, trace: Trace? = nil,
        bearer: Bytes? = nil
    ) {
        self.deadlineMilliseconds = deadlineMilliseconds
        self.requestID = requestID
        self.trace = trace
        self.bearer = bearer
    }

    var flags: Frame.Flags {
        var flags: Frame.Flags = []
        if deadlineMilliseconds != nil { flags.insert(.deadline) }
        if requestID != nil { flags.insert(.requestID) }
        if trace != nil { flags.insert(.trace) }
        if bearer != nil { flags.insert(.bearer) }
        return flags
    }

    var byteCount: Int {
        (deadlineMilliseconds == nil ? 0 : 4) + (requestID == nil ? 0 : 16)
            + (trace == nil ? 0 : 24) + (bearer.map { 1 + $0.count } ?? 0)
    }
}

extension OutputBuffer {
    /// Appends a frame's head whose length is patched by `endFrame`. Returns where it starts.
    package mutating func beginFrame(
        _ kind: Frame.Kind, flags: Frame.Flags = [], method: UInt16 = 0, call: UInt32 = 0
    ) -> Int {
        let start = count
        append(bigEndian: UInt32(0))
        let words = UInt32(kind.rawValue) << 24 | UInt32(flags.rawValue) << 16 | UInt32(method)
        append(bigEndian: UInt64(words) << 32 | UInt64(call))
        return start
    }

    /// Patches the length of the frame that `beginFrame` started at `start`. The caller has seen
    /// to it that the frame is no longer than its limit, which fits 32 bits.
    package mutating func endFrame(at start: Int) {
        let length = UInt32(truncatingIfNeeded: count - start - Frame.lengthBytes)
        overwrite(bigEndian: length, at: start)
    }

    package mutating func appendFrame(_ kind: Frame.Kind, call: UInt32 = 0, payload: [UInt8] = []) {
        let start = beginFrame(kind, call: call)
        append(payload)
        endFrame(at: start)
    }

    package mutating func appendRequest(
        _ method: UInt16, call: UInt32, _ fields: RequestFields, payload: [UInt8]
    ) {
        let start = beginFrame(.request, flags: fields.flags, method: method, call: call)
        if let deadline = fields.deadlineMilliseconds { append(bigEndian: deadline) }
        if let id = fields.requestID {
            append(bigEndian: id.high)
            append(bigEndian: id.low)
        }
        if let trace = fields.trace {
            append(bigEndian: trace.high)
            append(bigEndian: trace.low)
            append(bigEndian: trace.parentSpan)
        }
        if let bearer = fields.bearer {
            append(UInt8(truncatingIfNeeded: bearer.count))
            append(bearer.array)
        }
        append(payload)
        endFrame(at: start)
    }

    package mutating func appendFault(call: UInt32, _ fault: Fault) {
        appendFrame(.fault, call: call, payload: FaultMessage(fault).encoded())
    }
}
