import Wire

/// The Date field (RFC 9110 §6.6.1), made once a second.
struct HTTPDate {
    private var second = Int64.min
    private var text: HeaderValue = ""

    mutating func value(at now: Timestamp) -> HeaderValue {
        if now.seconds != second {
            second = now.seconds
            text = HeaderValue(Self.text(of: now)) ?? ""
        }
        return text
    }

    /// IMF-fixdate (RFC 9110 §5.6.7), for example `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(of moment: Timestamp) -> String {
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let seconds = moment.seconds
        let day = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        // `YYYY-MM-DDTHH:MM:SSZ` has everything but the names.
        let parts = Timestamp(seconds: seconds).text.split { "-T:Z".contains($0) }
        guard parts.count == 6, let month = Int(parts[1]), months.indices.contains(month - 1) else {
            return ""
        }
        let weekday = weekdays[Int((day % 7 + 7) % 7)]
        let date = "\(weekday), \(parts[2]) \(months[month - 1]) \(parts[0])"
        return "\(date) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
    }
}
