import Crypto
import Daemon
import HTTP

/// The pages: what stands in `Web`, read once at the start. They are the same for everybody and
/// hold nobody's data; what a browser shows of a person it asks for by the same calls as every
/// other frontend.
struct WebPages: Sendable {
    /// Nil where no folder is set: then the gateway serves programs only.
    private let files: StaticFiles?

    /// Throws what is wrong with the folder.
    init(folder: String?) throws {
        guard let folder else {
            files = nil
            return
        }
        let found = try Folder.files(in: folder)
        files = try StaticFiles(
            found.map { StaticFiles.File(path: $0.path, bytes: $0.bytes) },
            version: Self.version(of: found))
    }

    /// Nil when the request is for no page.
    func answer(_ request: HTTPRequest) -> HTTPResponse? {
        files?.answer(request)
    }

    /// Another one when a name or a byte of any file is another.
    private static func version(of files: [(path: String, bytes: [UInt8])]) -> String {
        let parts = files.map { Digest.sha256(Array($0.path.utf8)) + Digest.sha256($0.bytes) }
        let digest = Digest.sha256(Array(parts.joined()))
        return digest.prefix(8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
