/// A secret from the settings. Nothing prints it: not a description, not a dump, not the log, whose
/// values it cannot become.
package struct SecretText: Sendable, Equatable {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The octets, for the one who must have them.
    package func reveal() -> [UInt8] { bytes }

    package var isEmpty: Bool { bytes.isEmpty }
}

extension SecretText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }
    package var debugDescription: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
