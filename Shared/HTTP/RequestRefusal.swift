import Wire

/// Why octets are not a request that this server takes. One case per rule of RFC 9112 and 9110;
/// after any of them the connection is answered once and closed, because where the next request
/// would begin can no longer be known.
package enum RequestRefusal: String, Error, Sendable, CaseIterable {
    case requestLine = "request line"
    case methodUnknown = "unknown method"
    case target = "request target"
    case targetTooLong = "request target too long"
    case version = "protocol version"
    case bareCarriageReturn = "carriage return without line feed"
    case bareLineFeed = "line feed without carriage return"
    case leadingBlank = "blank before the first field"
    case folded = "folded field"
    case fieldName = "field name"
    case blankBeforeColon = "blank before the colon"
    case fieldValue = "field value"
    case fieldRepeated = "repeated field"
    case headTooLarge = "head too large"
    case tooManyFields = "too many fields"
    case hostMissing = "no host"
    case host = "host"
    case contentLength = "content length"
    case lengthWithTransferCoding = "content length beside transfer coding"
    case transferCoding = "transfer coding"
    case transferCodingUnknown = "unknown transfer coding"
    case transferCodingInOldVersion = "transfer coding in HTTP/1.0"
    case expectation = "unknown expectation"
    case bodyTooLarge = "body too large"
    case chunkSize = "chunk size"
    case chunkExtension = "chunk extension"
    case chunkExtensionTooLong = "chunk extension too long"
    case chunkEnd = "chunk end"
    case chunkOverhead = "chunks too small"
    case trailer = "trailer field"
    case trailerTooLarge = "trailer too large"
    case timedOut = "request took too long"

    package var status: HTTPStatus {
        switch self {
        case .requestLine, .target, .bareCarriageReturn, .bareLineFeed, .leadingBlank, .folded,
            .fieldName, .blankBeforeColon, .fieldValue, .fieldRepeated, .hostMissing, .host,
            .contentLength, .lengthWithTransferCoding, .transferCoding,
            .transferCodingInOldVersion, .chunkSize, .chunkExtension, .chunkExtensionTooLong,
            .chunkEnd, .chunkOverhead, .trailer:
            .badRequest
        case .timedOut: .requestTimeout
        case .bodyTooLarge: .contentTooLarge
        case .targetTooLong: .targetTooLong
        case .expectation: .expectationFailed
        case .headTooLarge, .tooManyFields, .trailerTooLarge: .headTooLarge
        case .methodUnknown, .transferCodingUnknown: .notImplemented
        case .version: .versionNotSupported
        }
    }

    /// What the caller is told beside the status: that, and no more, is the same for all of a kind.
    package var fault: Fault {
        let tooLarge: [HTTPStatus] = [.contentTooLarge, .targetTooLong, .headTooLarge]
        if tooLarge.contains(status) { return Fault(.tooLarge, detail: rawValue) }
        let reason: Reason = self == .timedOut ? .deadlineExceeded : .malformed
        return Fault(reason, detail: rawValue)
    }
}
