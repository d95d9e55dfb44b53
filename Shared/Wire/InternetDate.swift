extension Timestamp {
    /// The form that mail and HTTP share, for example `Sun, 06 Nov 1994 08:49:37 GMT`; the zone
    /// is written `GMT` in HTTP (RFC 9110 §5.6.7) and `+0000` in mail (RFC 5322 §3.3).
    @usableFromInline package func internetDate(zone: StaticString) -> String {
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let day = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        // `YYYY-MM-DDTHH:MM:SSZ` has everything but the names.
        let parts = Timestamp(seconds: seconds).text.split { "-T:Z".contains($0) }
        guard parts.count == 6, let month = Int(parts[1]), months.indices.contains(month - 1) else {
            return ""
        }
        let weekday = weekdays[Int((day % 7 + 7) % 7)]
        let date = "\(weekday), \(parts[2]) \(months[month - 1]) \(parts[0])"
        return "\(date) \(parts[3]):\(parts[4]):\(parts[5]) \(zone)"
    }
}
