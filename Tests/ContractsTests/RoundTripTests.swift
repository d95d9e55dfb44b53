import Contracts
import Fixtures
import Foundation
import RPC
import Testing
import Wire

/// Every message that any method sends or answers, by property.
struct RoundTripTests {
    private static let roundsEach = 200

    private static var types: [any Message.Type] {
        Documents.contracts.flatMap { $0.methods }.flatMap { [$0.request, $0.response] }
    }

    @Test func `every message makes the round trip in both codings`() throws {
        var generator = SeededGenerator(seed: .random(in: 0 ... .max))
        for type in Self.types {
            for _ in 0..<Self.roundsEach { try Self.check(type, &generator) }
        }
    }

    private static func check<M: Message>(
        _ type: M.Type, _ generator: inout SeededGenerator
    ) throws {
        let message = try RandomCoder.message(type, using: &generator)
        let fromBinary = try M(decoding: message.encoded())
        let fromJSON = try M(json: message.json())
        #expect(fromBinary == message && fromJSON == message, "seed \(generator.seed)")
    }

    /// Whatever stands in a frame or body is refused or decoded, never a trap.
    @Test func `no damaged message does more than be refused`() throws {
        var generator = SeededGenerator(seed: .random(in: 0 ... .max))
        for type in Self.types {
            for _ in 0..<Self.roundsEach { try Self.damage(type, &generator) }
        }
    }

    private static func damage<M: Message>(
        _ type: M.Type, _ generator: inout SeededGenerator
    ) throws {
        let message = try RandomCoder.message(type, using: &generator)
        for var bytes in [message.encoded(), message.json()] where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[position] = .random(in: 0...255, using: &generator)
            try Self.check(type, binary: bytes)
            try Self.check(type, json: bytes)
        }
    }

    /// Refused, or decoded to something that stands the same check; a trap would end the run.
    private static func check<M: Message>(_ type: M.Type, binary bytes: [UInt8]) throws {
        let decoded: M
        do throws(WireFault) { decoded = try M(decoding: bytes) } catch { return }
        let again = try M(decoding: decoded.encoded())
        #expect(again == decoded)
    }

    private static func check<M: Message>(_ type: M.Type, json bytes: [UInt8]) throws {
        let decoded: M
        do throws(WireFault) { decoded = try M(json: bytes) } catch { return }
        let again = try M(json: decoded.json())
        #expect(again == decoded)
    }

    @Test func `protoc accepts dubbelslot.proto`() throws {
        let output = TemporaryFolder("protoc")
        let outcome = try ChildProcess.run(
            "protoc",
            [
                "-I", RepositoryRoot.path("Shared/Contracts"), "--python_out", output.path,
                RepositoryRoot.path("Shared/Contracts/dubbelslot.proto"),
            ])
        #expect(outcome.status == 0, "\(outcome.output)")
    }
}
