import Daemon
import RPC
import Reactor
import TLS
import Wire

/// Goes to the door of another service as somebody who must not be let in.
package enum DoorProbe {
    package enum Finding: Sendable, Equatable {
        case refused
        /// It said something, or left the connection open.
        case letIn
        case unreachable(String)
    }

    package struct Visit: Sendable {
        package let finding: Finding
        /// How long the certificate that the door has shown is valid still.
        package let life: Duration?
    }

    /// A server that lets somebody in does not say so at once; one that refuses does.
    private static let patience: Duration = .seconds(2)
}

extension Island {
    /// Shows the door of `role` a certificate in the gateway's name that another authority made.
    /// On the loop. Throws where such a certificate cannot be made.
    package func showForeignCertificate(
        to role: ServiceRole, at peer: Endpoint, authorityFile: String
    ) async throws -> DoorProbe.Visit {
        let own = ServiceRole.gateway.identity(in: dialing.trustDomain)
        guard let identity = ServiceIdentity(own) else {
            return DoorProbe.Visit(finding: .unreachable("no trust domain"), life: nil)
        }
        let stranger = try Stranger(as: identity, authorityFile: authorityFile)
        let foreign = Dialing(
            context: stranger.context, trustDomain: dialing.trustDomain,
            resolver: dialing.resolver, log: dialing.log)
        let stream: any ByteStream
        do {
            stream = try await foreign.connect(
                to: peer, expecting: role.identity(in: dialing.trustDomain), on: loop)
        } catch {
            // Also a handshake that fails: whom the server refuses has finished his side of it, so
            // that was something else and proves nothing.
            return DoorProbe.Visit(finding: .unreachable("\(error)"), life: nil)
        }
        // In TLS 1.3 the refusal follows the visitor's side of the handshake (RFC 8446 §4.4.2.4).
        let life = (stream as? TLSStream)?.peerLife
        return DoorProbe.Visit(finding: await DoorProbe.read(stream, on: loop), life: life)
    }
}

extension DoorProbe {
    fileprivate static func read(_ stream: any ByteStream, on loop: EventLoop) async -> Finding {
        await withUnsafeContinuation { (waiter: UnsafeContinuation<Finding, Never>) in
            let reader = Reader(waiter)
            stream.start(reader)
            _ = loop.schedule(after: patience) {
                reader.settle(.letIn)
                stream.abort()
            }
        }
    }

    /// On the loop's thread only.
    private final class Reader: ByteStreamReceiver {
        private var waiter: UnsafeContinuation<Finding, Never>?

        init(_ waiter: UnsafeContinuation<Finding, Never>) { self.waiter = waiter }

        func settle(_ finding: Finding) {
            waiter?.resume(returning: finding)
            waiter = nil
        }

        func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
            settle(.letIn)
            return bytes.count
        }

        func ended(_ end: StreamEnd) {
            switch end {
            case .failed: settle(.refused)
            // An orderly end is how one who was let in is sent away.
            case .finished: settle(.letIn)
            }
        }
    }
}

extension HostSettings {
    /// How long our own certificate and the authority are valid still, by the names of their
    /// files. Throws where one cannot be read.
    package func remainingLives() throws -> [(file: String, left: Duration)] {
        try [files.certificate, files.authority].map { file in
            (file, try CertificateLife.remaining(inFile: file))
        }
    }
}

extension HostSettings {
    /// Those of these files that others may read or change.
    package static func openSecrets(in files: [String]) throws -> [String] {
        try files.filter { file in try SecretFile.isOpen(file) }
    }
}

extension HTTPSDoor.Files {
    /// The same of the certificate that browsers see.
    package func remainingLife() throws -> Duration {
        try CertificateLife.remaining(inFile: certificate)
    }
}
