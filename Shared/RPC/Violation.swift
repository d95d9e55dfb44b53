/// What a peer did that ends its connection. The raw value is the word in the goaway frame, for
/// whoever writes a client.
package enum Violation: String, Error, Sendable, CaseIterable {
    // Bytes.
    case frameTooShort = "frame_too_short"
    case frameTooLong = "frame_too_long"
    case kindUnknown = "kind_unknown"
    case flagUnknown = "flag_unknown"
    case numberMisplaced = "number_misplaced"
    case fieldsCut = "fields_cut"
    // Order.
    case helloExpected = "hello_expected"
    case helloRepeated = "hello_repeated"
    case helloMalformed = "hello_malformed"
    case versionUnsupported = "version_unsupported"
    case wrongEnd = "wrong_end"
    case callRepeated = "call_repeated"
    case callNeverIssued = "call_never_issued"
    case controlMalformed = "control_malformed"
    // Time.
    case helloLate = "hello_late"
    case frameSlow = "frame_slow"
    case idle = "idle"
    case answersUnread = "answers_unread"
    case silent = "silent"

    /// One sentence for the document.
    package var about: String {
        switch self {
        case .frameTooShort: "The length is below 8."
        case .frameTooLong: "The length is over the receiver's limit."
        case .kindUnknown: "The kind is unknown or reserved."
        case .flagUnknown: "A flag without meaning is set."
        case .numberMisplaced:
            "A method, call number, flag or payload stands where the kind has none, or is missing."
        case .fieldsCut: "The fields that the flags announce do not fit the frame."
        case .helloExpected: "The first frame was not a hello."
        case .helloRepeated: "A second hello."
        case .helloMalformed: "The hello does not decode, or its magic or limits are wrong."
        case .versionUnsupported: "No version in common."
        case .wrongEnd: "A client sent what only servers send, or the other way round."
        case .callRepeated: "A request with the number of one that is still open."
        case .callNeverIssued: "An answer to a call that was never made."
        case .controlMalformed: "The payload of a goaway or fault does not decode."
        case .helloLate: "The hello did not arrive in time."
        case .frameSlow: "A frame did not arrive whole in time."
        case .idle: "Nothing was heard for too long."
        case .answersUnread: "The peer does not read its answers."
        case .silent: "A ping was not answered in time."
        }
    }
}
