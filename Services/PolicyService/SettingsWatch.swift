import Postgres
import Reactor

/// Keeps the memory up to date: reads anew whenever the database announces a change, and besides
/// at short intervals, because an announcement can be missed.
///
/// `@unchecked Sendable`: started and stopped on the loop, and touched there only.
final class SettingsWatch: @unchecked Sendable {
    /// Well within `PolicyMemory.ageMax`, so that one reading may be slow.
    static let pollInterval: Duration = .milliseconds(300)

    private let handlers: PolicyHandlers
    private var listener: Listener?
    private var isStopped = false
    private var isReading = false
    /// Something was announced while a reading was under way that may not have seen it.
    private var isAnnounced = false

    /// - Parameter handlers: Of the loop that this watch runs on.
    init(_ handlers: PolicyHandlers) {
        self.handlers = handlers
    }

    private var pool: ConnectionPool { handlers.table.pool }

    /// - Parameters:
    ///   - listening: Hear announcements, on a connection of its own.
    ///   - interval: Between two polls; nil for none.
    func start(listening: Bool = true, polling interval: Duration? = pollInterval) {
        if listening {
            listener = pool.listen(
                to: SettingsTable.channel, connected: { [weak self] in self?.announced() },
                received: { [weak self] _ in self?.announced() })
        }
        guard let interval else { return }
        let loop = pool.loop
        loop.spawn {
            while !self.isStopped {
                await loop.sleep(for: interval)
                if Task.isCancelled { return }
                await self.read()
            }
        }
    }

    func stop() {
        isStopped = true
        listener?.close()
        listener = nil
    }

    /// However many announcements come in, one reading is under way and one waits.
    private func announced() {
        isAnnounced = true
        pool.loop.spawn { await self.read() }
    }

    private func read() async {
        guard !isReading, !isStopped else { return }
        isReading = true
        repeat {
            isAnnounced = false
            await handlers.refresh()
        } while isAnnounced && !isStopped
        isReading = false
    }
}
