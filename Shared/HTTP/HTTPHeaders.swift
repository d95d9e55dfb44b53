/// The name of a header field: a token (RFC 9110 §5.1), compared without regard to case.
package struct HeaderName: Sendable, ExpressibleByStringLiteral {
    /// As it is written on the wire.
    package let text: String

    package init?(_ text: String) {
        guard !text.utf8.isEmpty, ByteSet.token.containsAll(text.utf8) else { return nil }
        self.text = text
    }

    /// For names in the source; one that is no token is a mistake of the programmer.
    package init(stringLiteral text: StaticString) {
        self.text = text.description
        precondition(ByteSet.token.containsAll(self.text.utf8), "not a header name: \(text)")
    }
}

extension HeaderName: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        ASCII.equalIgnoringCase(left.text.utf8, right.text.utf8)
    }
    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(ASCII.lowercased(byte)) }
    }
}

/// The value of a header field that we send: visible ASCII and blanks, so that no value, wherever
/// it came from, can begin a line of its own (response splitting).
package struct HeaderValue: Sendable, Hashable, ExpressibleByStringLiteral {
    package let text: String

    /// Nil for anything but visible ASCII, with single blanks inside.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else { return nil }
        guard text.utf8.first != ASCII.space, text.utf8.last != ASCII.space else { return nil }
        self.text = text
    }

    package init(_ number: some BinaryInteger) {
        text = String(number)
    }

    /// Any text: what a value may not hold, and `%` itself, is percent-encoded as UTF-8.
    package init(encoding text: String) {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte > 0x20 && byte < 0x7f && byte != ASCII.percent {
                bytes.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                bytes += [ASCII.percent, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        self.text = String(decoding: bytes, as: UTF8.self)
    }

    /// For values in the source.
    package init(stringLiteral text: StaticString) {
        guard let value = Self(text.description) else {
            preconditionFailure("not a header value: \(text)")
        }
        self = value
    }
}

/// Header fields in order. They are kept as the octets of the wire with the place of each name and
/// value beside them: a request's head is one array, a response's is written with one copy.
package struct HTTPHeaders: Sendable {
    struct Place: Sendable {
        var nameStart: Int32
        var nameEnd: Int32
        var valueStart: Int32
        var valueEnd: Int32
    }

    private(set) var wire: [UInt8]
    private(set) var places: [Place]

    package init() {
        wire = []
        places = []
    }

    /// Takes over a parsed head; `places` were checked by the parser.
    init(wire: [UInt8], places: [Place]) {
        self.wire = wire
        self.places = places
    }

    package var count: Int { places.count }

    /// Appends one field, `Name: value` and the line's end.
    package mutating func add(_ name: HeaderName, _ value: HeaderValue) {
        let nameStart = wire.count
        wire.append(contentsOf: name.text.utf8)
        let nameEnd = wire.count
        wire.append(ASCII.colon)
        wire.append(ASCII.space)
        let valueStart = wire.count
        wire.append(contentsOf: value.text.utf8)
        let valueEnd = wire.count
        wire.append(ASCII.carriageReturn)
        wire.append(ASCII.lineFeed)
        places.append(
            Place(
                nameStart: Int32(nameStart), nameEnd: Int32(nameEnd),
                valueStart: Int32(valueStart), valueEnd: Int32(valueEnd)))
    }

    /// Appends all of `others`, in their order.
    package mutating func add(_ others: HTTPHeaders) {
        let offset = Int32(wire.count)
        wire += others.wire
        places += others.places.map {
            Place(
                nameStart: $0.nameStart + offset, nameEnd: $0.nameEnd + offset,
                valueStart: $0.valueStart + offset, valueEnd: $0.valueEnd + offset)
        }
    }

    package func contains(_ name: HeaderName) -> Bool {
        places.contains { matches($0, name) }
    }

    /// The octets of every field of this name, in order.
    package func values(of name: HeaderName) -> [ArraySlice<UInt8>] {
        places.filter { matches($0, name) }.map(value)
    }

    /// The octets of the first field of this name. The parser refuses a request that repeats a
    /// field of which only one may stand (`RequestHead.singletons`), so for those it is the only
    /// one.
    package func first(_ name: HeaderName) -> ArraySlice<UInt8>? {
        places.first { matches($0, name) }.map(value)
    }

    /// The first field of this name as text; octets outside ASCII, which mean nothing in HTTP,
    /// become U+FFFD and so equal nothing that is compared with them.
    package subscript(_ name: HeaderName) -> String? {
        first(name).map { bytes in
            bytes.allSatisfy { $0 < 0x80 }
                ? String(decoding: bytes, as: UTF8.self)
                : String(decoding: bytes.map { $0 < 0x80 ? UInt16($0) : 0xfffd }, as: UTF16.self)
        }
    }

    private func value(_ place: Place) -> ArraySlice<UInt8> {
        wire[Int(place.valueStart)..<Int(place.valueEnd)]
    }

    private func matches(_ place: Place, _ name: HeaderName) -> Bool {
        let text = name.text.utf8
        guard Int(place.nameEnd - place.nameStart) == text.count else { return false }
        return ASCII.equalIgnoringCase(wire[Int(place.nameStart)..<Int(place.nameEnd)], text)
    }
}

extension HTTPHeaders: Equatable {
    /// Equal fields in equal order, whatever else stood in the head.
    package static func == (left: Self, right: Self) -> Bool {
        left.places.count == right.places.count
            && zip(left.places, right.places).allSatisfy { mine, other in
                left.value(mine) == right.value(other)
                    && ASCII.equalIgnoringCase(
                        left.wire[Int(mine.nameStart)..<Int(mine.nameEnd)],
                        right.wire[Int(other.nameStart)..<Int(other.nameEnd)])
            }
    }
}
