import Foundation

/// Debian's nginx on one port of the loopback. What its configuration names lies in `folder`, and
/// so does all that it writes. It ends with the last reference.
package final class Nginx: Sendable {
    package let port: UInt16
    private let folder: TemporaryFolder
    private let process: ChildProcess

    /// - Parameter servers: What stands in its `http` block.
    package init(port: UInt16, _ servers: String) throws {
        self.port = port
        let folder = TemporaryFolder("nginx")
        self.folder = folder
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "    \($0)_temp_path \(folder.path)/\($0);\n"
        }
        let settings = try folder.write(
            "nginx.conf",
            """
            daemon off;
            master_process off;
            pid \(folder.path)/pid;
            error_log \(folder.path)/error.log;
            events {}
            http {
            \(places.joined())    access_log off;
            \(servers)
            }

            """)
        process = try ChildProcess("/usr/sbin/nginx", ["-p", folder.path, "-c", settings])
        try awaitAnswer()
    }

    deinit { process.end(seconds: 5) }

    private func awaitAnswer() throws {
        for _ in 0..<500 where process.exitStatus == nil {
            do {
                _ = try HTTPTestClient(port: port, seconds: 5).get("/")
                return
            } catch is HTTPTestClient.Failed {
                usleep(10_000)
            }
        }
        throw HTTPTestClient.Failed(description: "nginx does not start: \(process.output)")
    }
}
