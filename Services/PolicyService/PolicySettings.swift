import Daemon
import Hosting

/// The policy service's settings: those of every service, and no others yet.
struct PolicySettings: Settings {
    let host: HostSettings

    init(_ reader: inout SettingsReader) {
        host = HostSettings(&reader)
    }
}
