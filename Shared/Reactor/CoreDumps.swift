import CLinux
import Glibc

/// What a crash leaves behind. A core file would hold every secret that the process held.
package enum CoreDumps {
    /// No core file, and no reading of this process's memory by others of its user (prctl(2),
    /// PR_SET_DUMPABLE). Before the first secret is read.
    package static func forbid() throws(SystemFault) {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        guard setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0 else {
            throw SystemFault("setrlimit", errno)
        }
        guard clinux_forbid_dumps() == 0 else { throw SystemFault("prctl", errno) }
    }
}
