import Contracts
import Fixtures
import Foundation
import RPC
import Testing
import Wire

/// The two documents are committed and compared: a change of the protocol is a diff to review.
/// `DUBBELSLOT_WRITE_DOCUMENTS=1 swift test --filter DocumentsTests` writes them anew.
struct DocumentsTests {
    private static let folder = URL(
        fileURLWithPath: RepositoryRoot.path("Shared/Contracts"))

    @Test(arguments: [
        ("PROTOCOL.md", { @Sendable in Documents.protocolText }),
        ("dubbelslot.proto", { @Sendable in Documents.proto }),
    ])
    func `the committed document is what the declarations print`(
        name: String, print: @Sendable () -> String
    ) throws {
        let file = Self.folder.appending(path: name)
        if ProcessInfo.processInfo.environment["DUBBELSLOT_WRITE_DOCUMENTS"] == "1" {
            try print().write(to: file, atomically: true, encoding: .utf8)
        }
        let committed = try String(contentsOf: file, encoding: .utf8)
        #expect(committed == print(), "write the documents anew and review the difference")
    }

    @Test func `no two types share a name and no two methods a number`() {
        #expect(Documents.schema.problems == [])
    }

    @Test func `a method's high byte is its service's number and no name stands twice`() {
        for contract in Documents.contracts {
            #expect(contract.methods.allSatisfy { $0.number >> 8 == contract.service.number })
            #expect(Set(contract.methods.map(\.name)).count == contract.methods.count)
        }
    }

    @Test func `every refusal stands in the document with its word`() {
        let text = Documents.protocolText
        for reason in Reason.allCases {
            #expect(text.contains("| `\(reason.rawValue)` |"))
        }
    }
}
