import Glibc

/// A system call that failed: which one, and the errno it left.
package struct SystemFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(_ call: String, _ code: Int32) {
        self.call = call
        self.code = code
    }

    /// "connect: Connection refused"
    package var description: String { "\(call): \(Self.text(of: code))" }

    static func text(of code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            buffer.initialize(repeating: 0)
            // The XSI form writes into the buffer; strerror itself is not safe between threads.
            guard let start = buffer.baseAddress, strerror_r(code, start, 255) == 0 else {
                return "error \(code)"
            }
            return String(cString: start)
        }
    }
}
