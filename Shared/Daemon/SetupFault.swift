/// What an operator has to put right before anything can start; the process ends with
/// `ExitCode.setup`.
package struct SetupFault: Error, Equatable, CustomStringConvertible {
    /// One sentence, which names the setting and holds no secret.
    package let description: String

    /// - Parameters:
    ///   - setting: As it is declared, without the prefix.
    ///   - why: What is wrong with what it says or names, without a full stop.
    package init(_ setting: StaticString, _ why: String) {
        // What a library says may have several lines.
        let line = why.split(whereSeparator: \.isNewline).joined(separator: " ")
        description = "\(SettingsSource.prefix)\(setting): \(line)."
    }
}
