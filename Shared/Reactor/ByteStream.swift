import Wire

/// How a stream ended.
package enum StreamEnd: Sendable, Equatable {
    /// Orderly: everything written has gone out, and neither side cut the other off.
    case finished
    /// Cut, refused or given up; the sentence is for the log.
    case failed(String)
}

/// Bytes both ways over a socket, TLS or memory; protocols see nothing else. Everything is called
/// on `loop`, which is checked, so a reference may travel but not be used elsewhere.
///
/// The receiver is never called from within a call of the stream: what a call causes arrives later,
/// on a stack of its own. Calling the stream from within the receiver is allowed everywhere.
package protocol ByteStream: AnyObject, Sendable {
    var loop: EventLoop { get }
    var remoteAddress: SocketAddress { get }

    /// The URI of the peer's verified certificate; nil without TLS.
    var peerIdentity: String? { get }

    /// Begins to read. Once; the stream keeps the receiver until it has told it `ended`.
    func start(_ receiver: any ByteStreamReceiver)

    /// Appends to the outgoing bytes, which leave together at the end of the turn. Allowed before
    /// `start`. After `close`, `abort` or the end, `body` is not called.
    ///
    /// `body` does nothing but append: it does not call the stream. Within `received` the outgoing
    /// buffer is lent to the receiver; what is written here goes behind everything that call leaves
    /// in it.
    func write(_ body: (inout OutputBuffer) -> Void)

    /// Bytes written and not yet taken by the kernel; within `received` without those of that call.
    var unsentBytes: Int { get }

    /// No more `received` until `resumeReading`. What the receiver left is kept meanwhile.
    func pauseReading()

    /// Reads again, and hands over again what the receiver had left, even if nothing follows it and
    /// even if reading was not paused.
    func resumeReading()

    /// Ends the stream once what is written has gone out; then `ended`. What arrives meanwhile is
    /// thrown away.
    func close()

    /// Ends the stream now, by a cut that the peer sees as one; then `ended`.
    func abort()
}

/// Who reads a stream.
package protocol ByteStreamReceiver: AnyObject {
    /// All bytes not yet consumed, valid within the call. Answers are written straight into
    /// `output`, the stream's outgoing buffer, which may hold earlier bytes still. Returns how many
    /// bytes, from the front, are done with; the rest comes again with more behind it.
    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int

    /// The peer sends no more; what was left unconsumed stays so. True keeps the stream open for
    /// answers still being made, until `close`. False lets what is written go out and ends it.
    func inputEnded() -> Bool

    /// `unsentBytes` has fallen below the low mark after it had been over the high mark.
    func drained()

    /// Exactly once, and last.
    func ended(_ end: StreamEnd)
}

extension ByteStreamReceiver {
    package func inputEnded() -> Bool { false }
    package func drained() {}
}

/// Marks and limits that all streams share.
package enum StreamLimits {
    /// More unsent bytes than this, and a server's stream reads no further requests.
    package static let unsentHighMark = 256 * 1024
    /// Below this it reads again.
    package static let unsentLowMark = 64 * 1024
    /// Bytes left unconsumed. Receivers have far lower limits of their own; this one only keeps a
    /// mistake in one of them from taking all memory.
    package static let unconsumedMax = 64 * 1024 * 1024
    /// A peer that takes none of its answers for so long is cut off.
    package static let stallMax = Duration.seconds(30)
    /// How long a closed socket still reads, so that bytes under way do not make the kernel reset
    /// the connection and destroy the last answer (RFC 9112 §9.6).
    package static let lingerMax = Duration.seconds(1)
    package static let lingerBytesMax = 1024 * 1024
}
