import Wire

extension World {
    /// Somebody's call to a gateway, over a network that may lose it or its answer. nil when no
    /// answer came: whatever was asked may or may not have been done.
    func ask<Answer: Sendable>(
        _ gateway: GatewayModel, patience: Moment = .seconds(30),
        _ operation: @escaping @Sendable (Place) async throws(Fault) -> Answer
    ) async -> Result<Answer, Fault>? {
        guard !agenda.isOver else { return nil }
        let isLost = dice.oneIn(weather.lostOneIn)
        let isLostOnTheWay = isLost && dice.oneIn(2)
        return await withUnsafeContinuation { waiting in
            let answer = Once<Result<Answer, Fault>?> { waiting.resume(returning: $0) }
            agenda.after(patience) { answer.give(nil) }
            if isLostOnTheWay { return }
            agenda.after(dice.delay(weather.latency)) { [self] in
                guard gateway.process.isUp else { return answer.give(nil) }
                let place = Place(gateway.process)
                agenda.spawn { [self] in
                    let result = await Self.result(operation, place)
                    guard place.isAlive, !isLost else { return }
                    agenda.after(dice.delay(weather.latency)) { answer.give(result) }
                }
            }
        }
    }

    private static func result<Answer: Sendable>(
        _ operation: @Sendable (Place) async throws(Fault) -> Answer, _ place: Place
    ) async -> Result<Answer, Fault> {
        do throws(Fault) {
            return .success(try await operation(place))
        } catch {
            return .failure(error)
        }
    }
}

/// The first answer counts.
///
/// Unchecked: touched only by the thread that runs the simulation.
private final class Once<Answer: Sendable>: @unchecked Sendable {
    private var take: ((Answer) -> Void)?

    init(_ take: @escaping (Answer) -> Void) { self.take = take }

    func give(_ answer: Answer) {
        take?(answer)
        take = nil
    }
}
