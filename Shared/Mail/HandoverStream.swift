import Reactor
import Wire

/// A stream whose reader may change, which other streams do not allow: what was begun in the clear
/// goes on under TLS. What comes while nobody reads waits below.
///
/// Unchecked: touched on its loop's thread only, which every call of the lower stream checks.
final class HandoverStream: ByteStream, ByteStreamReceiver, @unchecked Sendable {
    let loop: EventLoop
    let remoteAddress: SocketAddress
    var peerIdentity: String? { lower.peerIdentity }
    var unsentBytes: Int { lower.unsentBytes }

    private let lower: any ByteStream
    private var receiver: (any ByteStreamReceiver)?
    private var isStarted = false
    /// What the next reader is told.
    private var endDue: StreamEnd?
    private var isInputEndDue = false

    init(_ lower: any ByteStream) {
        self.lower = lower
        loop = lower.loop
        remoteAddress = lower.remoteAddress
    }

    /// May be called again after `release`.
    func start(_ receiver: any ByteStreamReceiver) {
        precondition(self.receiver == nil, "a stream has one reader at a time")
        self.receiver = receiver
        guard isStarted else {
            isStarted = true
            return lower.start(self)
        }
        lower.resumeReading()
        guard isInputEndDue || endDue != nil else { return }
        loop.soon { self.tellWhatIsDue() }
    }

    /// Takes the reader away; it is told nothing any more.
    func release() {
        receiver = nil
        lower.pauseReading()
    }

    func write(_ body: (inout OutputBuffer) -> Void) { lower.write(body) }
    func pauseReading() { lower.pauseReading() }
    func resumeReading() { lower.resumeReading() }
    func close() { lower.close() }
    func abort() { lower.abort() }

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        receiver?.received(bytes, &output) ?? 0
    }

    func inputEnded() -> Bool {
        guard let receiver else {
            isInputEndDue = true
            return true
        }
        return receiver.inputEnded()
    }

    func drained() { receiver?.drained() }

    func ended(_ end: StreamEnd) {
        guard let receiver else {
            endDue = end
            return
        }
        self.receiver = nil
        receiver.ended(end)
    }

    private func tellWhatIsDue() {
        if isInputEndDue, endDue == nil {
            isInputEndDue = false
            if receiver?.inputEnded() == false { close() }
        }
        guard let end = endDue, let receiver else { return }
        endDue = nil
        self.receiver = nil
        receiver.ended(end)
    }
}
