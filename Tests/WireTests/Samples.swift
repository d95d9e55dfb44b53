import Fixtures
import Wire

/// Messages that together use every form a field can have.

enum PaletteKind: IdentifierKind {
    static let noun = "palette"
}

enum Shade: Int32, Enumeration {
    case none = 0
    case light = 1
    case dark = 7
    case inverse = -2

    static let name = "Shade"
    static let about = "How bright it is."
    var name: String {
        switch self {
        case .none: "SHADE_NONE"
        case .light: "SHADE_LIGHT"
        case .dark: "SHADE_DARK"
        case .inverse: "SHADE_INVERSE"
        }
    }
    var about: String { "It is \(name)." }
}

enum Material: String, Word {
    case wood
    case wroughtIron = "wrought_iron"
}

/// Every form with implicit presence.
struct Zeros: Message {
    static let name = "Zeros"
    static let about = "Fields whose absence is zero."
    static let retiredNumbers: [UInt32] = [10, 12]

    var text = ""
    var blob = Bytes()
    var isOn = false
    var small: UInt32 = 0
    var large: UInt64 = 0
    var signed: Int64 = 0
    var shade = Shade.none
    var moment = Timestamp.zero

    init() {}

    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        text = try coder.field(1, "text", it?.text, max: 200, "A text.")
        blob = try coder.field(2, "blob", it?.blob, max: 200, "Some bytes.")
        isOn = try coder.field(3, "isOn", it?.isOn, "A truth | a lie.")
        small = try coder.field(4, "small", it?.small, "A small number.")
        large = try coder.field(5, "large", it?.large, "A large number.")
        signed = try coder.field(6, "signed", it?.signed, "A number with a sign.")
        shade = try coder.field(7, "shade", it?.shade, "A shade.")
        moment = try coder.field(900, "moment", it?.moment, "A moment.")
    }
}

/// Every form with presence: required, and optional.
struct Presents: Message {
    static let name = "Presents"
    static let about = "Fields that know whether they are there."

    var id: Identifier<PaletteKind>
    var material: Material
    var shade: Shade
    var moment: Timestamp
    var isOn: Bool
    var zeros: Zeros
    var maybeText: String?
    var maybeBlob: Bytes?
    var maybeOn: Bool?
    var maybeSmall: UInt32?
    var maybeLarge: UInt64?
    var maybeSigned: Int64?
    var maybeShade: Shade?
    var maybeMoment: Timestamp?
    var maybeZeros: Zeros?

    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.required(1, "id", it?.id, "Which.")
        material = try coder.required(2, "material", it?.material, "Of what.")
        shade = try coder.required(3, "shade", it?.shade, "How bright.")
        moment = try coder.required(4, "moment", it?.moment, "When.")
        isOn = try coder.required(5, "isOn", it?.isOn, "Whether.")
        zeros = try coder.required(6, "zeros", it?.zeros, "Others.")
        maybeText = try coder.optional(11, "maybeText", it?.maybeText, max: 64, "A text.")
        maybeBlob = try coder.optional(12, "maybeBlob", it?.maybeBlob, max: 64, "Bytes.")
        maybeOn = try coder.optional(13, "maybeOn", it?.maybeOn, "A truth.")
        maybeSmall = try coder.optional(14, "maybeSmall", it?.maybeSmall, "Small.")
        maybeLarge = try coder.optional(15, "maybeLarge", it?.maybeLarge, "Large.")
        maybeSigned = try coder.optional(16, "maybeSigned", it?.maybeSigned, "Signed.")
        maybeShade = try coder.optional(17, "maybeShade", it?.maybeShade, "A shade.")
        maybeMoment = try coder.optional(18, "maybeMoment", it?.maybeMoment, "A moment.")
        maybeZeros = try coder.optional(19, "maybeZeros", it?.maybeZeros, "Zeros.")
    }
}

/// Every form as a list.
struct Lists: Message {
    static let name = "Lists"
    static let about = "Fields that are lists."

    var texts: [String]
    var blobs: [Bytes]
    var truths: [Bool]
    var smalls: [UInt32]
    var larges: [UInt64]
    var signeds: [Int64]
    var shades: [Shade]
    var materials: [Material]
    var moments: [Timestamp]
    var ids: [Identifier<PaletteKind>]
    var zeros: [Zeros]

    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        texts = try coder.list(1, "texts", it?.texts, max: 4, each: 10, "Texts.")
        blobs = try coder.list(2, "blobs", it?.blobs, max: 4, each: 10, "Bytes.")
        truths = try coder.list(3, "truths", it?.truths, max: 4, "Truths.")
        smalls = try coder.list(4, "smalls", it?.smalls, max: 4, "Small numbers.")
        larges = try coder.list(5, "larges", it?.larges, max: 40, "Large numbers.")
        signeds = try coder.list(6, "signeds", it?.signeds, max: 4, "Signed numbers.")
        shades = try coder.list(7, "shades", it?.shades, max: 4, "Shades.")
        materials = try coder.list(8, "materials", it?.materials, max: 4, "Materials.")
        moments = try coder.list(9, "moments", it?.moments, max: 4, "Moments.")
        ids = try coder.list(10, "ids", it?.ids, max: 4, "Identifiers.")
        zeros = try coder.list(20, "zeros", it?.zeros, max: 4, "Messages.")
    }
}

/// Two choices of one, between other fields, whose numbers do not ascend.
struct Choices: Message {
    static let name = "Choices"
    static let about = "One of each."

    enum First: Sendable, Equatable {
        case zeros(Zeros)
        case presents(Presents)

        var zeros: Zeros? { if case .zeros(let it) = self { it } else { nil } }
        var presents: Presents? { if case .presents(let it) = self { it } else { nil } }
    }

    enum Second: Sendable, Equatable {
        case lists(Lists)
        case zeros(Zeros)

        var lists: Lists? { if case .lists(let it) = self { it } else { nil } }
        var zeros: Zeros? { if case .zeros(let it) = self { it } else { nil } }
    }

    var first: First
    var between: UInt32
    var second: Second

    init(first: First, between: UInt32 = 0, second: Second) {
        self.first = first
        self.between = between
        self.second = second
    }

    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        var one = OneOf<First>("firstChoice")
        try one.take(
            coder.option(of: "firstChoice", 9, "firstZeros", it?.first.zeros, "Zeros."), First.zeros
        )
        try one.take(
            coder.option(of: "firstChoice", 8, "presents", it?.first.presents, "Presents."),
            First.presents)
        first = try one.picked()
        between = try coder.field(7, "between", it?.between, "Between them.")
        var other = OneOf<Second>("secondChoice")
        try other.take(
            coder.option(of: "secondChoice", 2, "lists", it?.second.lists, "Lists."), Second.lists)
        try other.take(
            coder.option(of: "secondChoice", 1, "secondZeros", it?.second.zeros, "Zeros."),
            Second.zeros)
        second = try other.picked()
    }
}

/// A message within itself.
struct Tree: Message {
    static let name = "Tree"
    static let about = "A tree."

    var label: UInt32 = 0
    var branches: [Tree] = []

    init(label: UInt32, _ branches: [Tree] = []) {
        self.label = label
        self.branches = branches
    }

    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        label = try coder.field(1, "label", it?.label, "Which one.")
        branches = try coder.list(2, "branches", it?.branches, max: 3, "What grows from it.")
    }

    /// So many trees within each other.
    static func chain(_ levels: Int) -> Tree {
        var tree = Tree(label: 1)
        for _ in 1..<levels { tree = Tree(label: 1, [tree]) }
        return tree
    }
}

/// No field at all.
struct Nothing: Message {
    static let name = "Nothing"
    static let about = "An answer that is only that."

    init() {}
    init(_: inout some Coder, _: Self?) throws(WireFault) {}
}

/// Calls `body` with each kind of message above.
func forEachSample(_ body: (any Message.Type) throws -> Void) rethrows {
    for type: any Message.Type in [
        Zeros.self, Presents.self, Lists.self, Choices.self, Tree.self, Nothing.self,
    ] {
        try body(type)
    }
}
