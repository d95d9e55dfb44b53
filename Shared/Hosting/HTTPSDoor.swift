import Daemon
import HTTP
import Reactor
import TLS

/// TLS to the outside, where an operator has given a certificate for it: without one the gateway
/// speaks plain HTTP to a proxy that does this.
package struct HTTPSDoor: Sendable {
    /// The files of an operator's certificate.
    package struct Files: Sendable {
        /// PEM, with its chain.
        package let certificate: String
        /// PEM, readable by us alone.
        package let key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    let context: TLSContext
    private let log: Log

    /// A browser is done in a fraction of a second; whoever is not keeps others out.
    private static let handshakeMax: Duration = .seconds(5)

    /// Throws what is wrong with the files.
    package init(_ files: Files, log: Log) throws(SetupFault) {
        do throws(TLSFault) {
            context = try TLSContext(webCertificateFile: files.certificate, keyFile: files.key)
        } catch {
            throw SetupFault(
                error, ("HTTPS_CERTIFICATE_FILE", files.certificate),
                ("HTTPS_KEY_FILE", files.key))
        }
        self.log = log
    }

    /// Shakes hands on a stream that has just been accepted and gives it to the server. On the
    /// loop of both.
    package func accept(_ stream: SocketStream, for server: HTTPServer) {
        server.loop.spawn { [context, log] in
            do {
                let sealed = try await TLSStream.accept(
                    over: stream, context: context, timeout: Self.handshakeMax)
                server.accept(sealed)
            } catch {
                log.debug(
                    "handshake_failed",
                    ["peer": .host(stream.remoteAddress), "why": .text("\(error)")])
            }
        }
    }

    /// Reads the files again, for connections made from now on.
    package func reload() { log.reload(context) }
}

extension Log {
    /// Has a context read its files again. What cannot be used is told here, and what was loaded
    /// before stays in force.
    package func reload(_ context: TLSContext) {
        let file = context.files.certificate ?? context.files.authority ?? ""
        do throws(TLSFault) {
            try context.reload()
            let days = context.remainingLife.components.seconds / 86_400
            info("certificate_loaded", ["file": .text(file), "days_left": .integer(days)])
        } catch {
            self.error(
                "certificate_not_loaded", ["file": .text(file), "why": .text("\(error)")])
        }
    }
}
