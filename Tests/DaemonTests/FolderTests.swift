import Fixtures
import Foundation
import Testing

@testable import Daemon

@Suite struct FolderTests {
    @Test func `files are found in their folders, links and hidden files are not`() throws {
        let folder = TemporaryFolder()
        let root = folder.file("web")
        try FileManager.default.createDirectory(
            atPath: root + "/inner/deep", withIntermediateDirectories: true)
        for path in ["web/b", "web/inner/deep/a", "web/.hidden", "outside"] {
            try folder.write(path, path)
        }
        try FileManager.default.createSymbolicLink(
            atPath: root + "/link", withDestinationPath: folder.file("outside"))
        try FileManager.default.createSymbolicLink(
            atPath: root + "/loop", withDestinationPath: root)
        let found = try Folder.files(in: root)
        #expect(found.map(\.path) == ["b", "inner/deep/a"])
        #expect(found.map(\.bytes) == [Array("web/b".utf8), Array("web/inner/deep/a".utf8)])
    }

    @Test func `a folder that is not there is told, and so is a file that is too large`() throws {
        let folder = TemporaryFolder()
        #expect(throws: Folder.Unreadable.self) { try Folder.files(in: folder.file("none")) }
        let large = Data(count: Folder.fileSizeMax + 1)
        try large.write(to: URL(fileURLWithPath: folder.file("large")))
        #expect(throws: Folder.Unreadable.self) { try Folder.files(in: folder.path) }
    }
}
