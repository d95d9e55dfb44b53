/// Reads a message in the binary form of proto3, in one of two ways.
///
/// *In order*: senders write fields in the order of their declaration, so each field asked for is
/// either next or absent. When everything was taken at the end, that was right. *Patient*: each
/// field asked for is searched in the whole message. This is the authority: it is used whenever
/// the first way did not take everything, and all refusals come from it.
@usableFromInline package struct BinaryDecoder: Coder {
    /// Messages within messages, the outermost counted as the first.
    @usableFromInline package static let nestingMax = 32
    /// The bound of a text or of bytes of which neither field nor type says one.
    @usableFromInline package static let sizeMax = 65_536

    @usableFromInline var cursor: BinaryCursor
    @usableFromInline let isInOrder: Bool
    /// How many levels of messages may still open within this one.
    @usableFromInline let levelsLeft: Int

    @inlinable
    init(_ bytes: UnsafeRawBufferPointer, isInOrder: Bool, levelsLeft: Int) {
        cursor = BinaryCursor(bytes)
        self.isInOrder = isInOrder
        self.levelsLeft = levelsLeft
    }

    @inlinable
    package mutating func scalar<V: Scalar>(_ field: Field, _: V?) throws(WireFault) -> V? {
        if isInOrder {
            guard cursor.take(tag: Self.tag(field, V.Raw.wireType)) else { return nil }
            return try Self.value(field, &cursor)
        }
        guard var place = try find(field, V.Raw.wireType) else { return nil }
        return try Self.value(field, &place)
    }

    @inlinable
    package mutating func scalars<V: Scalar>(_ field: Field, _: [V]?) throws(WireFault) -> [V] {
        var list: [V] = []
        if isInOrder {
            while true {
                if cursor.take(tag: Self.tag(field, V.Raw.wireType)) {
                    try Self.append(field, &cursor, to: &list)
                } else if V.Raw.wireType != .lengthPrefixed,
                    cursor.take(tag: Self.tag(field, .lengthPrefixed))
                {
                    try Self.append(field, packed: &cursor, to: &list)
                } else {
                    return list
                }
            }
        }
        var place = cursor
        while let type = try place.next(field.number) {
            if type == V.Raw.wireType {
                try Self.append(field, &place, to: &list)
            } else if type == .lengthPrefixed {
                try Self.append(field, packed: &place, to: &list)
            } else {
                throw .wireType(field: field.name.description)
            }
        }
        return list
    }

    @inlinable
    package mutating func message<M: Message>(_ field: Field, _: M?) throws(WireFault) -> M? {
        if isInOrder {
            guard cursor.take(tag: Self.tag(field, .lengthPrefixed)) else { return nil }
            return try nested(&cursor)
        }
        guard var place = try find(field, .lengthPrefixed) else { return nil }
        return try nested(&place)
    }

    @inlinable
    package mutating func messages<M: Message>(_ field: Field, _: [M]?) throws(WireFault) -> [M] {
        var list: [M] = []
        let countMax = field.countMax ?? 0
        if isInOrder {
            while cursor.take(tag: Self.tag(field, .lengthPrefixed)) {
                guard list.count < countMax else { throw .tooLong(field: field.name.description) }
                list.append(try nested(&cursor))
            }
            return list
        }
        var place = cursor
        while let type = try place.next(field.number) {
            guard type == .lengthPrefixed else { throw .wireType(field: field.name.description) }
            guard list.count < countMax else { throw .tooLong(field: field.name.description) }
            list.append(try nested(&place))
        }
        return list
    }
}

extension BinaryDecoder {
    @inlinable
    static func tag(_ field: Field, _ type: WireType) -> UInt32 {
        field.number << 3 | UInt32(type.rawValue)
    }

    @inlinable
    static func value<V: Scalar>(
        _ field: Field, _ cursor: inout BinaryCursor
    ) throws(WireFault) -> V {
        let raw = try V.Raw.decode(
            &cursor, field.name, sizeMax: field.sizeMax ?? V.sizeMax ?? Self.sizeMax)
        do {
            return try V(raw: raw)
        } catch {
            throw .value(field: field.name.description)
        }
    }

    @inlinable
    static func append<V: Scalar>(
        _ field: Field, _ cursor: inout BinaryCursor, to list: inout [V]
    ) throws(WireFault) {
        guard list.count < field.countMax ?? 0 else {
            throw .tooLong(field: field.name.description)
        }
        list.append(try value(field, &cursor))
    }

    @inlinable
    static func append<V: Scalar>(
        _ field: Field, packed cursor: inout BinaryCursor, to list: inout [V]
    ) throws(WireFault) {
        var numbers = BinaryCursor(try cursor.chunk())
        while !numbers.isAtEnd { try append(field, &numbers, to: &list) }
    }

    @inlinable
    func nested<M: Message>(_ cursor: inout BinaryCursor) throws(WireFault) -> M {
        guard levelsLeft > 0 else { throw .nestedTooDeep }
        return try Self.whole(
            try cursor.chunk(), isInOrder: isInOrder, levelsLeft: levelsLeft - 1)
    }

    @inlinable
    static func whole<M: Message>(
        _ bytes: UnsafeRawBufferPointer, isInOrder: Bool, levelsLeft: Int
    ) throws(WireFault) -> M {
        var decoder = BinaryDecoder(bytes, isInOrder: isInOrder, levelsLeft: levelsLeft)
        if !isInOrder { try decoder.cursor.validate() }
        let message = try M(&decoder, nil)
        // In order, bytes left over only mean that the patient way must be gone.
        if isInOrder, !decoder.cursor.isAtEnd { throw .trailingBytes }
        return message
    }

    /// The payload of a field that may stand in the message once.
    @usableFromInline
    func find(_ field: Field, _ type: WireType) throws(WireFault) -> BinaryCursor? {
        var place = cursor
        guard let found = try place.next(field.number) else { return nil }
        guard found == type else { throw .wireType(field: field.name.description) }
        let payload = place
        try place.skip(found)
        guard try place.next(field.number) == nil else {
            throw .duplicate(field: field.name.description)
        }
        return payload
    }
}

extension BinaryCursor {
    /// Moves behind the next tag with this number; nil at the end of the message.
    @usableFromInline
    mutating func next(_ number: UInt32) throws(WireFault) -> WireType? {
        while !isAtEnd {
            let (found, type) = try tag()
            if found == number { return type }
            try skip(type)
        }
        return nil
    }

    /// Refuses what is no sequence of fields, known or not.
    @usableFromInline
    func validate() throws(WireFault) {
        var rest = self
        // No field has the number 0, so this walks them all.
        _ = try rest.next(0)
    }
}

extension Message {
    @inlinable
    package static func decodeBinary(_ bytes: UnsafeRawBufferPointer) throws(WireFault) -> Self {
        do {
            return try BinaryDecoder.whole(
                bytes, isInOrder: true, levelsLeft: BinaryDecoder.nestingMax - 1)
        } catch {
            return try BinaryDecoder.whole(
                bytes, isInOrder: false, levelsLeft: BinaryDecoder.nestingMax - 1)
        }
    }

    /// From the binary form of proto3. Refused: fields that may stand once and stand twice, numbers
    /// out of their type's range, values unknown to a closed list, texts that are not UTF-8, more
    /// or longer than declared. Unknown fields are skipped.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(WireFault) {
        self = try Self.decodeBinary(bytes)
    }

    package init(decoding bytes: [UInt8]) throws(WireFault) {
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(WireFault) in
            try Self.decodeBinary(UnsafeRawBufferPointer(bytes))
        }
    }
}
