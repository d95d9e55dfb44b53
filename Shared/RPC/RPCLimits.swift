/// The bounds of one connection. Every number that a peer could grow has one.
package struct RPCLimits: Sendable {
    /// The longest frame taken, by its `length` field, in bytes.
    package var frameBytesMax = 256 * 1024
    /// Most requests open at a time on one connection; a server stops reading at it.
    package var callsMax = 1024
    /// Bytes of answers not yet sent at which a server stops reading requests.
    package var queuedBytesMax = 1024 * 1024
    /// Bytes of answers not yet sent at which a server gives the connection up.
    package var queuedBytesCeiling = 16 * 1024 * 1024
    /// The longest a handler runs, and what it gets when the caller names no deadline.
    package var callTimeMax: Duration = .seconds(60)
    /// From the connection's start to the whole of the peer's hello.
    package var helloTimeMax: Duration = .seconds(5)
    /// From the first byte of a frame to its last.
    package var frameTimeMax: Duration = .seconds(10)
    /// Server: without any frame from the client.
    package var idleTimeMax: Duration = .seconds(60)
    /// Server: after this a client is asked to come back on a new connection, so that a certificate
    /// that has run out or was denied meanwhile does not live on in an old one.
    package var ageMax: Duration = .seconds(3600)
    /// Without the peer taking any of the bytes that wait for it.
    package var writeTimeMax: Duration = .seconds(10)
    /// Client: without any frame from the server, after which a ping asks whether it lives.
    package var pingAfter: Duration = .seconds(3)
    /// Client: from a ping to anything heard.
    package var pongTimeMax: Duration = .seconds(2)
    /// From goaway to the end of a connection whose calls do not finish.
    package var drainTimeMax: Duration = .seconds(10)

    /// What no setting may exceed.
    package static let frameBytesCeiling = 1024 * 1024

    package init() {}

    var hello: Hello {
        Hello(
            frameBytesMax: UInt32(clamping: min(frameBytesMax, Self.frameBytesCeiling)),
            callsMax: UInt32(clamping: callsMax))
    }
}
