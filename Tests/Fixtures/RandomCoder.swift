import Wire

/// A random generator that a seed repeats (SplitMix64, Steele et al. 2014).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// Makes random messages from their declarations, within all their bounds and often at them:
/// empty and longest texts, extreme numbers, lists of none and of the most. Of a `oneof` exactly
/// one alternative is there.
package struct RandomCoder: Coder {
    private var generator: SeededGenerator
    /// The name of each `oneof`, how many alternatives are still to be asked for, and which it is.
    private var choices: [String: (asked: Int, chosen: Int)] = [:]
    private let levelsLeft: Int
    /// Longest list and text that are made; large bounds would make tests slow, not better.
    private static let countMax = 5
    private static let sizeMax = 300

    /// The message that belongs to this seed.
    package static func message<M: Message>(
        _: M.Type = M.self, seed: UInt64
    ) throws(WireFault) -> M {
        var generator = SeededGenerator(seed: seed)
        return try message(&generator, levelsLeft: 6)
    }

    package static func message<M: Message>(
        _: M.Type = M.self, using generator: inout SeededGenerator
    ) throws(WireFault) -> M {
        try message(&generator, levelsLeft: 6)
    }

    private static func message<M: Message>(
        _ generator: inout SeededGenerator, levelsLeft: Int
    ) throws(WireFault) -> M {
        var coder = RandomCoder(generator: generator, levelsLeft: levelsLeft)
        for field in MessageSchema(of: M.self).fields {
            guard case .option(let choice) = field.presence else { continue }
            coder.choices[choice.value.description, default: (0, 0)].chosen += 1
        }
        for (name, choice) in coder.choices.sorted(by: { $0.key < $1.key }) {
            let chosen = Int.random(in: 0..<choice.chosen, using: &coder.generator)
            coder.choices[name] = (0, chosen)
        }
        defer { generator = coder.generator }
        return try M(&coder, nil)
    }

    private init(generator: SeededGenerator, levelsLeft: Int) {
        self.generator = generator
        self.levelsLeft = levelsLeft
    }

    package mutating func scalar<V: Scalar>(_ field: Field, _: V?) throws(WireFault) -> V? {
        guard field.presence != .optional || Bool.random(using: &generator) else { return nil }
        return value(field)
    }

    package mutating func scalars<V: Scalar>(_ field: Field, _: [V]?) throws(WireFault) -> [V] {
        count(field).map { _ in value(field) }
    }

    package mutating func message<M: Message>(_ field: Field, _: M?) throws(WireFault) -> M? {
        switch field.presence {
        case .option(let choice):
            let name = choice.value.description
            guard let (asked, chosen) = choices[name] else { return nil }
            choices[name] = (asked + 1, chosen)
            guard asked == chosen else { return nil }
        case .optional:
            guard levelsLeft > 0, Bool.random(using: &generator) else { return nil }
        case .implicit, .required, .list: break
        }
        return try Self.message(&generator, levelsLeft: levelsLeft - 1)
    }

    package mutating func messages<M: Message>(_ field: Field, _: [M]?) throws(WireFault) -> [M] {
        guard levelsLeft > 0 else { return [] }
        var list: [M] = []
        for _ in count(field) {
            list.append(try Self.message(&generator, levelsLeft: levelsLeft - 1))
        }
        return list
    }

    private mutating func count(_ field: Field) -> Range<Int> {
        let most = min(field.countMax ?? 0, Self.countMax)
        return 0..<Int.random(in: 0...most, using: &generator)
    }

    /// Any value of the type; where random raw values are none, one of the closed list or the
    /// sample.
    private mutating func value<V: Scalar>(_ field: Field) -> V {
        if let list = V.self as? any CaseIterable.Type, let one = member(of: list) as? V {
            return one
        }
        let raw = primitive(V.Raw.form, sizeMax: field.sizeMax ?? V.sizeMax ?? 0)
        guard let raw = raw as? V.Raw else { return V.sample }
        do {
            return try V(raw: raw)
        } catch {
            return V.sample
        }
    }

    private mutating func member<List: CaseIterable>(of _: List.Type) -> Any? {
        List.allCases.randomElement(using: &generator)
    }

    private mutating func primitive(_ form: PrimitiveForm, sizeMax: Int) -> Any {
        switch form {
        case .string: return text(bytes: size(sizeMax))
        case .bytes:
            return Bytes(
                (0..<size(sizeMax)).map { _ in UInt8.random(in: 0...255, using: &generator) })
        case .bool: return Bool.random(using: &generator)
        case .uint32: return number() as UInt32
        case .uint64: return number() as UInt64
        case .int64: return number() as Int64
        case .enumeration: return EnumerationNumber(0)
        case .timestamp: return timestamp()
        }
    }

    private mutating func size(_ sizeMax: Int) -> Int {
        let most = min(sizeMax, Self.sizeMax)
        switch UInt8.random(in: 0..<8, using: &generator) {
        case 0: return 0
        case 1: return most
        default: return Int.random(in: 0...min(most, 24), using: &generator)
        }
    }

    /// Exactly so many bytes of UTF-8, with what needs an escape in JSON among them.
    private mutating func text(bytes: Int) -> String {
        let characters: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\u{1}", "\u{7f}", "é", "ü", "密", "\u{2028}",
            "\u{fffd}", "🔐",
        ]
        var text = String.UnicodeScalarView()
        var left = bytes
        while left > 0 {
            let character = characters.randomElement(using: &generator) ?? "a"
            let size = UTF8.encode(character)?.count ?? 1
            text.append(size <= left ? character : "b")
            left -= size <= left ? size : 1
        }
        return String(text)
    }

    private mutating func number<Number: FixedWidthInteger>() -> Number {
        switch UInt8.random(in: 0..<6, using: &generator) {
        case 0: return 0
        case 1: return Number.max
        case 2: return Number.min
        case 3: return Number.random(in: 0...300, using: &generator)
        default: return Number.random(in: Number.min...Number.max, using: &generator)
        }
    }

    private mutating func timestamp() -> Timestamp {
        let most = Timestamp.secondsMax * 1_000_000 + 999_999
        switch UInt8.random(in: 0..<6, using: &generator) {
        case 0: return Timestamp(seconds: 0)
        case 1: return Timestamp(seconds: Timestamp.secondsMin)
        case 2: return Timestamp(microseconds: most)
        case 3:
            return Timestamp(
                microseconds: Int64.random(in: -2_000_000...2_000_000, using: &generator))
        default:
            let least = Timestamp.secondsMin * 1_000_000
            return Timestamp(microseconds: Int64.random(in: least...most, using: &generator))
        }
    }
}
