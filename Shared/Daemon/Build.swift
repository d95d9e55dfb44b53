/// Which build this is.
package enum Build {
    /// Of all three services, which are released together.
    package static let version: StaticString = "1.0.0"
}
