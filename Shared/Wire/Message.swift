/// One declaration per message. A message is its initialiser: it names each field once, with
/// number, JSON name, bound and a sentence, and a coder walks it to encode, decode, describe or
/// generate. Forgetting a field does not compile.
///
/// ```swift
/// package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
///     user = try coder.required(1, "user", it?.user, "Whose code it is.")
///     code = try coder.field(2, "code", it?.code, max: 16, "The digits as typed.")
/// }
/// ```
/// `it` is the value while encoding and nil while decoding, describing or generating.
@usableFromInline package protocol Message: Sendable, Equatable {
    /// The name in `dubbelslot.proto`, for example `CheckCode`. Unique.
    static var name: String { get }
    /// One sentence for the documents.
    static var about: String { get }
    /// Numbers of fields there once were; they are never used again.
    static var retiredNumbers: [UInt32] { get }
    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault)

    // Neither written nor called by hand. As requirements with defaults they make the compiler
    // emit code for each message in the module that declares it, where the initialiser above is
    // inlined into them; `encoded()` and `init(decoding:)` reach that code from anywhere.
    static func encodeBinary(_ message: Self, into output: inout OutputBuffer)
    static func decodeBinary(_ bytes: UnsafeRawBufferPointer) throws(WireFault) -> Self
}

extension Message {
    @usableFromInline package static var retiredNumbers: [UInt32] { [] }
}

/// What a field's absence means.
@usableFromInline package enum Presence: Sendable, Equatable {
    /// proto3's implicit presence: zero is omitted on the wire, absent is zero.
    case implicit
    /// `optional` in the document, but its absence is a refusal.
    case required
    case optional
    /// One of the fields of the named `oneof`.
    case option(of: StaticText)
    case list
}

/// What is said of a field besides its value.
@usableFromInline package struct Field: Sendable {
    @usableFromInline package let number: UInt32
    /// lowerCamelCase, as in JSON; the document's snake_case is derived.
    @usableFromInline package let name: StaticString
    @usableFromInline package let presence: Presence
    /// Most UTF-8 bytes of a text, most bytes of bytes; nil for what has a bound of its own.
    @usableFromInline package let sizeMax: Int?
    /// Most elements of a list.
    @usableFromInline package let countMax: Int?
    @usableFromInline package let about: StaticString

    @inlinable
    package init(
        _ number: UInt32, _ name: StaticString, _ presence: Presence, sizeMax: Int? = nil,
        countMax: Int? = nil, _ about: StaticString
    ) {
        self.number = number
        self.name = name
        self.presence = presence
        self.sizeMax = sizeMax
        self.countMax = countMax
        self.about = about
    }
}

/// A `StaticString` that can be compared, for names inside `Presence`.
@usableFromInline package struct StaticText: Sendable, Equatable, ExpressibleByStringLiteral {
    @usableFromInline package let value: StaticString
    @inlinable package init(stringLiteral value: StaticString) { self.value = value }
    @usableFromInline package static func == (left: Self, right: Self) -> Bool {
        left.value.description == right.value.description
    }
}

/// What walks a message. The four verbs are the whole interface; the extension below is how
/// messages speak to it.
@usableFromInline package protocol Coder {
    mutating func scalar<V: Scalar>(_ field: Field, _ value: V?) throws(WireFault) -> V?
    mutating func scalars<V: Scalar>(_ field: Field, _ value: [V]?) throws(WireFault) -> [V]
    mutating func message<M: Message>(_ field: Field, _ value: M?) throws(WireFault) -> M?
    mutating func messages<M: Message>(_ field: Field, _ value: [M]?) throws(WireFault) -> [M]
}

extension Coder {
    /// A scalar whose absence is its zero.
    @inlinable
    package mutating func field<V: ZeroScalar>(
        _ number: UInt32, _ name: StaticString, _ value: V?, _ about: StaticString
    ) throws(WireFault) -> V {
        try scalar(Field(number, name, .implicit, about), value) ?? V.zero
    }

    /// A text of at most `max` UTF-8 bytes, or bytes of at most `max`, whose absence is empty.
    @inlinable
    package mutating func field<V: ZeroScalar & UnboundedScalar>(
        _ number: UInt32, _ name: StaticString, _ value: V?, max: Int, _ about: StaticString
    ) throws(WireFault) -> V {
        try scalar(Field(number, name, .implicit, sizeMax: max, about), value) ?? V.zero
    }

    @inlinable
    package mutating func required<V: Scalar>(
        _ number: UInt32, _ name: StaticString, _ value: V?, _ about: StaticString
    ) throws(WireFault) -> V {
        guard let it = try scalar(Field(number, name, .required, about), value) else {
            throw .missing(field: name.description)
        }
        return it
    }

    @inlinable
    package mutating func required<V: UnboundedScalar>(
        _ number: UInt32, _ name: StaticString, _ value: V?, max: Int, _ about: StaticString
    ) throws(WireFault) -> V {
        guard let it = try scalar(Field(number, name, .required, sizeMax: max, about), value) else {
            throw .missing(field: name.description)
        }
        return it
    }

    @inlinable
    package mutating func optional<V: Scalar>(
        _ number: UInt32, _ name: StaticString, _ value: V?, _ about: StaticString
    ) throws(WireFault) -> V? {
        try scalar(Field(number, name, .optional, about), value)
    }

    @inlinable
    package mutating func optional<V: UnboundedScalar>(
        _ number: UInt32, _ name: StaticString, _ value: V?, max: Int, _ about: StaticString
    ) throws(WireFault) -> V? {
        try scalar(Field(number, name, .optional, sizeMax: max, about), value)
    }

    @inlinable
    package mutating func list<V: Scalar>(
        _ number: UInt32, _ name: StaticString, _ value: [V]?, max: Int, _ about: StaticString
    ) throws(WireFault) -> [V] {
        try scalars(Field(number, name, .list, countMax: max, about), value)
    }

    /// A list of at most `max` texts (or bytes) of at most `each` bytes.
    @inlinable
    package mutating func list<V: UnboundedScalar>(
        _ number: UInt32, _ name: StaticString, _ value: [V]?, max: Int, each: Int,
        _ about: StaticString
    ) throws(WireFault) -> [V] {
        try scalars(Field(number, name, .list, sizeMax: each, countMax: max, about), value)
    }

    @inlinable
    package mutating func required<M: Message>(
        _ number: UInt32, _ name: StaticString, _ value: M?, _ about: StaticString
    ) throws(WireFault) -> M {
        guard let it = try message(Field(number, name, .required, about), value) else {
            throw .missing(field: name.description)
        }
        return it
    }

    @inlinable
    package mutating func optional<M: Message>(
        _ number: UInt32, _ name: StaticString, _ value: M?, _ about: StaticString
    ) throws(WireFault) -> M? {
        try message(Field(number, name, .optional, about), value)
    }

    @inlinable
    package mutating func list<M: Message>(
        _ number: UInt32, _ name: StaticString, _ value: [M]?, max: Int, _ about: StaticString
    ) throws(WireFault) -> [M] {
        try messages(Field(number, name, .list, countMax: max, about), value)
    }

    /// One alternative of the `oneof` named `choice`; hand the result to `OneOf.take`.
    @inlinable
    package mutating func option<M: Message>(
        of choice: StaticText, _ number: UInt32, _ name: StaticString, _ value: M?,
        _ about: StaticString
    ) throws(WireFault) -> M? {
        try message(Field(number, name, .option(of: choice), about), value)
    }
}

/// Gathers the alternatives of a `oneof` while a coder walks them: exactly one may be present.
///
/// ```swift
/// var one = OneOf<Step>("step")
/// try one.take(coder.option(of: "step", 1, "bind", it?.step.bind, "…"), Step.bind)
/// step = try one.picked()
/// ```
@usableFromInline package struct OneOf<Choice> {
    @usableFromInline let name: StaticString
    @usableFromInline var choice: Choice?

    @inlinable package init(_ name: StaticString) { self.name = name }

    @inlinable
    package mutating func take<M>(_ value: M?, _ make: (M) -> Choice) throws(WireFault) {
        guard let value else { return }
        guard choice == nil else { throw .duplicate(field: name.description) }
        choice = make(value)
    }

    @inlinable
    package func picked() throws(WireFault) -> Choice {
        guard let choice else { throw .missing(field: name.description) }
        return choice
    }
}
