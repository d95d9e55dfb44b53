import Fixtures
import Reactor
import TLS
import Testing
import Wire

/// The parts that most tests here share: one authority, the gateway and the verification service.
struct Parties {
    let authority: TestAuthority
    let gateway: TestAuthority.Leaf
    let verification: TestAuthority.Leaf

    static let gatewayName = TestAuthority.identity("auth-gateway")
    static let verificationName = TestAuthority.identity("verification-service")

    static let shared = Result {
        let authority = try TestAuthority()
        return Parties(
            authority: authority, gateway: try authority.service("auth-gateway"),
            verification: try authority.service("verification-service"))
    }

    func context(
        _ role: TLSContext.Role, _ leaf: TestAuthority.Leaf, believing: TestAuthority? = nil,
        denied: String? = nil, identity: String? = nil,
        protocolName: String = TLSContext.applicationProtocolDefault, handshakesMax: Int = 256
    ) throws -> TLSContext {
        try TLSContext(
            role: role, certificateFile: leaf.certificate, keyFile: leaf.key,
            authorityFile: (believing ?? authority).file, deniedFile: denied, identity: identity,
            applicationProtocol: protocolName, handshakesMax: handshakesMax)
    }

    func server() throws -> TLSContext { try context(.server, verification) }
    func client() throws -> TLSContext { try context(.client, gateway) }
}

/// Both ends of a sealed connection in memory, each with a recorder. Unchecked: lives on one loop.
struct SealedPair: @unchecked Sendable {
    let client: TLSStream
    let server: TLSStream
    let atClient = StreamRecorder()
    let atServer = StreamRecorder()
    /// What lies under the two.
    let lower: (client: PipeStream, server: PipeStream)

    /// Shakes hands over a pipe that cuts as wished. On the loop. Throws what the client met, or
    /// else the server.
    static func make(
        _ loop: EventLoop, _ client: TLSContext, _ server: TLSContext, pieces: [Int] = [],
        expecting: String = Parties.verificationName, isStarted: Bool = true
    ) async throws -> SealedPair {
        let lower = PipeStream.pair(on: loop, pieces: pieces)
        let accepting = Task(executorPreference: loop) {
            try await TLSStream.accept(over: lower.1, context: server)
        }
        let made = try await TLSStream.connect(
            over: lower.0, context: client, expecting: expecting)
        let pair = SealedPair(
            client: made, server: try await accepting.value, lower: (lower.0, lower.1))
        if isStarted {
            pair.client.start(pair.atClient)
            pair.server.start(pair.atServer)
        }
        return pair
    }

    private init(client: TLSStream, server: TLSStream, lower: (PipeStream, PipeStream)) {
        self.client = client
        self.server = server
        self.lower = lower
    }
}

/// What each side of a handshake came to.
struct Verdicts: Sendable {
    let client: Result<String, TLSFault>
    let server: Result<String, TLSFault>
    /// How the client's stream ended, if there was one: a server's refusal arrives after the
    /// client's side of the handshake is done.
    let clientEnd: StreamEnd?
}

/// Shakes hands and reports both sides; nobody's bytes count.
func shakeHands(
    _ loop: EventLoop, _ client: TLSContext, _ server: TLSContext,
    expecting: String = Parties.verificationName
) async throws -> Verdicts {
    try await loop.run {
        let lower = PipeStream.pair(on: loop)
        let accepting = Task(executorPreference: loop) { () -> Result<String, TLSFault> in
            do throws(TLSFault) {
                let stream = try await TLSStream.accept(over: lower.1, context: server)
                stream.start(StreamRecorder())
                return .success(stream.peerIdentity ?? "")
            } catch {
                return .failure(error)
            }
        }
        do throws(TLSFault) {
            let stream = try await TLSStream.connect(
                over: lower.0, context: client, expecting: expecting)
            let accepted = await accepting.value
            let recorder = StreamRecorder()
            stream.start(recorder)
            if case .success = accepted { stream.close() }
            return Verdicts(
                client: .success(stream.peerIdentity ?? ""), server: accepted,
                clientEnd: await recorder.end())
        } catch {
            return Verdicts(client: .failure(error), server: await accepting.value, clientEnd: nil)
        }
    }
}
