/// Writes a message as proto3 JSON: names in lowerCamelCase, 64-bit numbers as text, bytes in
/// base 64, zeros of `.implicit` fields and empty lists left out.
package struct JSONEncoder: Coder {
    /// The buffer lives in the frame of `encodeJSON(into:)`, which outlives the encoder.
    private let output: UnsafeMutablePointer<OutputBuffer>
    private var isFirst = true

    init(_ output: UnsafeMutablePointer<OutputBuffer>) { self.output = output }

    package mutating func scalar<V: Scalar>(_ field: Field, _ value: V?) throws(WireFault) -> V? {
        guard let value else { return nil }
        let raw = value.raw
        if field.presence == .implicit, raw == V.Raw.zero { return value }
        name(field)
        write(V.self, raw)
        return value
    }

    package mutating func scalars<V: Scalar>(
        _ field: Field, _ value: [V]?
    ) throws(WireFault) -> [V] {
        guard let value, !value.isEmpty else { return [] }
        name(field)
        for (position, element) in value.enumerated() {
            output.pointee.append(UInt8(ascii: position == 0 ? "[" : ","))
            write(V.self, element.raw)
        }
        output.pointee.append(UInt8(ascii: "]"))
        return value
    }

    package mutating func message<M: Message>(_ field: Field, _ value: M?) throws(WireFault) -> M? {
        guard let value else { return nil }
        name(field)
        try Self.write(value, output)
        return value
    }

    package mutating func messages<M: Message>(
        _ field: Field, _ value: [M]?
    ) throws(WireFault) -> [M] {
        guard let value, !value.isEmpty else { return [] }
        name(field)
        for (position, element) in value.enumerated() {
            output.pointee.append(UInt8(ascii: position == 0 ? "[" : ","))
            try Self.write(element, output)
        }
        output.pointee.append(UInt8(ascii: "]"))
        return value
    }

    private mutating func name(_ field: Field) {
        if !isFirst { output.pointee.append(UInt8(ascii: ",")) }
        isFirst = false
        // Names are letters and digits, so that there is nothing to escape.
        output.pointee.append(UInt8(ascii: "\""))
        output.pointee.append(utf8: field.name)
        output.pointee.append(utf8: "\":" as StaticString)
    }

    private func write<V: Scalar>(_: V.Type, _ raw: V.Raw) {
        if let enumeration = V.enumeration, let number = raw as? EnumerationNumber,
            let name = enumeration.name(of: number)
        {
            output.pointee.append(json: name)
        } else {
            raw.encodeJSON(into: &output.pointee)
        }
    }

    static func write<M: Message>(
        _ message: M, _ output: UnsafeMutablePointer<OutputBuffer>
    ) throws(WireFault) {
        var encoder = JSONEncoder(output)
        output.pointee.append(UInt8(ascii: "{"))
        _ = try M(&encoder, message)
        output.pointee.append(UInt8(ascii: "}"))
    }
}

extension Message {
    /// Appends the message as proto3 JSON. Bounds are not checked here, as in binary.
    package func encodeJSON(into output: inout OutputBuffer) {
        withUnsafeMutablePointer(to: &output) { pointer in
            do throws(WireFault) {
                try JSONEncoder.write(self, pointer)
            } catch {
                refuseOwnValue(Self.name, error)
            }
        }
    }

    /// The message as proto3 JSON in UTF-8.
    package func json() -> [UInt8] {
        var output = OutputBuffer(capacity: 256)
        encodeJSON(into: &output)
        return output.bytes
    }
}
