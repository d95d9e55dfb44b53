/// Labels of a domain that are not ASCII, as the DNS knows them (RFC 3492; IDNA's A-labels).
enum Punycode {
    // RFC 3492 §5.
    private static let base = 36
    private static let thresholdMin = 1
    private static let thresholdMax = 26
    private static let skew = 38
    private static let damp = 700
    private static let biasFirst = 72
    private static let scalarFirst = 0x80

    /// Longest label that is encoded, in scalars: more cannot fit into 63 octets.
    static let scalarsMax = 63

    /// The label without its prefix `xn--`; nil for one that is too long.
    static func encode(_ label: [Unicode.Scalar]) -> String? {
        guard label.count <= scalarsMax else { return nil }
        let plain = label.filter(\.isASCII)
        var output = plain.map { UInt8(truncatingIfNeeded: $0.value) }
        if !output.isEmpty { output.append(UInt8(ascii: "-")) }
        var next = scalarFirst
        var delta = 0
        var bias = biasFirst
        var done = plain.count
        while done < label.count {
            let smallest = label.map { Int($0.value) }.filter { $0 >= next }.min() ?? next
            // At most 0x10ffff times 64: far from what overflows.
            delta += (smallest - next) * (done + 1)
            next = smallest
            for scalar in label {
                if Int(scalar.value) < next { delta += 1 }
                guard Int(scalar.value) == next else { continue }
                append(delta, bias, to: &output)
                bias = adapted(delta, done + 1, isFirst: done == plain.count)
                delta = 0
                done += 1
            }
            delta += 1
            next += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// A number of variable length in digits a to z, 0 to 9 (§3.3).
    private static func append(_ number: Int, _ bias: Int, to output: inout [UInt8]) {
        var rest = number
        var position = base
        while true {
            let threshold = min(max(position - bias, thresholdMin), thresholdMax)
            guard rest >= threshold else { break }
            let digit = threshold + (rest - threshold) % (base - threshold)
            output.append(character(digit))
            rest = (rest - threshold) / (base - threshold)
            position += base
        }
        output.append(character(rest))
    }

    private static func character(_ digit: Int) -> UInt8 {
        let first = digit < 26 ? UInt8(ascii: "a") : UInt8(ascii: "0") - 26
        return first + UInt8(truncatingIfNeeded: digit)
    }

    /// §3.4.
    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var rest = isFirst ? delta / damp : delta / 2
        rest += rest / count
        var steps = 0
        while rest > (base - thresholdMin) * thresholdMax / 2 {
            rest /= base - thresholdMin
            steps += base
        }
        return steps + (base - thresholdMin + 1) * rest / (rest + skew)
    }
}
