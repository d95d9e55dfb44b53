import Wire

/// The Date field (RFC 9110 §6.6.1), made once a second.
struct HTTPDate {
    private var second = Int64.min
    private var text: HeaderValue = ""

    mutating func value(at now: Timestamp) -> HeaderValue {
        if now.seconds != second {
            second = now.seconds
            text = HeaderValue(now.internetDate(zone: "GMT")) ?? ""
        }
        return text
    }
}
