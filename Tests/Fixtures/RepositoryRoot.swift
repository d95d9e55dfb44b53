import Foundation

/// The folder of `Package.swift`, found from this source file so that tests work from any
/// working folder.
package enum RepositoryRoot {
    package static let path: String = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in ["RepositoryRoot.swift", "Fixtures", "Tests"] {
            folder.deleteLastPathComponent()
        }
        return folder.path
    }()

    /// The absolute path of something in the repository, for example `Services/up`.
    package static func path(_ relative: String) -> String { path + "/" + relative }

    /// Where `swift build` put this test run's executables: beside the test bundle, which is
    /// the running program itself.
    package static let binaries = URL(fileURLWithPath: "/proc/self/exe")
        .resolvingSymlinksInPath().deletingLastPathComponent().path
}
