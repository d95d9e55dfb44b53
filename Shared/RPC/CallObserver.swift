import Wire

/// Whoever counts the calls of one loop's server. Told of each, so it takes neither time nor
/// memory. Called on the loop.
package protocol CallObserver: AnyObject, Sendable {
    /// A call has had its answer, or nobody waits for one any more.
    /// - Parameters:
    ///   - method: As the caller sent it; perhaps one that there is not.
    ///   - time: From the whole request to the answer; zero for what was answered from memory, in
    ///     less than it takes to look at a clock.
    ///   - trace: Nil where the call was not begun.
    func ended(_ method: UInt16, _ end: CallEnd, time: Duration, trace: Trace?)
}
