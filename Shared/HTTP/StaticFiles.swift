/// Files that are the same for everybody: the pages and what they load, held in memory. A request
/// is answered by comparing its whole path with those there are; nothing of it is ever a path of
/// the disk, so none leads out of the folder.
///
/// `a/b.html` is the page `/a/b`, `index.html` the page `/`. Pages are asked for anew each time
/// and say by their `ETag` whether they have changed. Everything else stands in `assets` and is
/// served under `/assets/VERSION/`, kept by browsers for good: the version changes when any of
/// the files does. Pages name it without the version (`"/assets/style.css"`), scripts and styles
/// each other relatively.
package struct StaticFiles: Sendable {
    /// A file that cannot be served as what it is; found at the start.
    package struct Unservable: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// `path` is relative to the folder, with `/` between its parts.
    package struct File: Sendable {
        let path: String
        let bytes: [UInt8]

        package init(path: String, bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
        }
    }

    private struct Asset: Sendable {
        let type: HeaderValue
        let bytes: [UInt8]
    }

    private static let folder = "assets/"

    /// By the request's path.
    private var pages: [String: [UInt8]] = [:]
    /// By what follows the version in the request's path.
    private var assets: [String: Asset] = [:]
    private let version: String
    /// The version, which all pages share.
    private let tag: HeaderValue

    /// `version`: letters and digits that are others for other files.
    package init(_ files: [File], version: String) throws(Unservable) {
        guard !version.isEmpty, version.utf8.allSatisfy({ ByteSet.name.contains($0) }),
            let tag = HeaderValue("\"\(version)\"")
        else { throw Unservable(description: "\(version) is no version") }
        self.version = version
        self.tag = tag
        for file in files { try add(file) }
    }

    private mutating func add(_ file: File) throws(Unservable) {
        guard file.path.utf8.allSatisfy({ ByteSet.name.contains($0) || $0 == UInt8(ascii: "/") })
        else { throw Unservable(description: "\(file.path): the name would need escapes") }
        if file.path.hasSuffix(".html") {
            let name = file.path.dropLast(5)
            pages[name == "index" ? "/" : "/" + name] = withVersion(file.bytes)
        } else if file.path.hasPrefix(Self.folder) {
            guard let type = Self.type(of: file.path) else {
                throw Unservable(description: "\(file.path): files of this ending have no type")
            }
            let name = String(file.path.dropFirst(Self.folder.count))
            assets[name] = Asset(type: type, bytes: file.bytes)
        } else {
            throw Unservable(description: "\(file.path): is no page and not in \(Self.folder)")
        }
    }

    private static func type(of path: String) -> HeaderValue? {
        switch path.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "woff2": "font/woff2"
        case _: nil
        }
    }

    /// A page whose references to `"/assets/` hold the version.
    private func withVersion(_ page: [UInt8]) -> [UInt8] {
        let mark = Array("\"/\(Self.folder)".utf8)
        var output: [UInt8] = []
        var rest = page[...]
        while let quote = rest.firstIndex(of: ASCII.quote) {
            output += rest[..<quote]
            rest = rest[quote...]
            if rest.starts(with: mark) {
                output += mark + Array("\(version)/".utf8)
                rest = rest.dropFirst(mark.count)
            } else {
                output.append(ASCII.quote)
                rest = rest.dropFirst()
            }
        }
        return output + rest
    }
}

extension StaticFiles {
    /// What pages may do: load what is ours, and nothing else; no script or style in the page
    /// itself, no frame around it. The QR code is an image in a `data:` URL.
    static let pagePolicy: HeaderValue = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
        connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'
        """

    /// Nil when the request is for none of these files.
    package func answer(_ request: HTTPRequest) -> HTTPResponse? {
        guard request.method == .get || request.method == .head else { return nil }
        if let page = pages[request.path] { return answer(request, page) }
        return asset(request.path)
    }

    private func answer(_ request: HTTPRequest, _ page: [UInt8]) -> HTTPResponse {
        var headers = HTTPHeaders()
        headers.add("ETag", tag)
        headers.add("Cache-Control", "no-cache")
        headers.add("Content-Security-Policy", Self.pagePolicy)
        headers.add(
            "Permissions-Policy",
            """
            publickey-credentials-get=(self), publickey-credentials-create=(self), \
            camera=(), geolocation=(), microphone=()
            """)
        guard !holdsTag(request.headers) else {
            return HTTPResponse(HTTPStatus(304), headers: headers)
        }
        headers.add("Content-Type", "text/html; charset=utf-8")
        return HTTPResponse(.ok, headers: headers, body: page)
    }

    /// If-None-Match (RFC 9110 §13.1.2): any of the tags, weak or not, or `*`.
    private func holdsTag(_ headers: HTTPHeaders) -> Bool {
        headers.values(of: "If-None-Match").contains { list in
            list.split(separator: ASCII.comma).map(ASCII.trimmed).contains { member in
                member.elementsEqual("*".utf8) || member.elementsEqual(tag.text.utf8)
                    || member.elementsEqual("W/\(tag.text)".utf8)
            }
        }
    }

    /// Another version than ours is asked for while an installation is being renewed, by a page
    /// of a process that is still old or new already: it gets what there is, for this once.
    private func asset(_ path: String) -> HTTPResponse? {
        let parts = path.utf8.split(
            separator: UInt8(ascii: "/"), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, parts[1].elementsEqual("assets".utf8),
            let name = String(parts[3]), let asset = assets[name]
        else { return nil }
        var response = HTTPResponse(.ok, type: asset.type, body: asset.bytes)
        if parts[2].elementsEqual(version.utf8) {
            response.headers.add("Cache-Control", "public, max-age=31536000, immutable")
        }
        return response
    }
}
