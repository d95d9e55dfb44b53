import Daemon
import RPC
import Reactor
import TLS

extension SetupFault {
    /// What is wrong with the files of a TLS context, by the setting that names the file.
    /// - Parameter first: Whose a fault is that is of no file by itself.
    init(
        _ fault: TLSFault, _ first: (setting: StaticString, file: String?),
        _ others: (setting: StaticString, file: String?)...
    ) {
        switch fault {
        case .file(let path, let why):
            let named = others.first { $0.file == path } ?? first
            self.init(named.setting, "\(path): \(why)")
        case .ownCertificate(let why): self.init(first.setting, "\(first.file ?? ""): \(why)")
        case .identity(let expected, let found):
            let why = "it is the certificate of \(found), not of \(expected)"
            self.init(first.setting, "\(first.file ?? ""): \(why)")
        case .handshake, .certificate, .timeout, .overloaded, .cancelled, .library:
            self.init(first.setting, "\(fault)")
        }
    }
}

extension HostSettings {
    /// Throws where somebody else listens at an address of this service already. Whoever serves
    /// asks before anything else is begun.
    /// - Parameter doors: Those that it has beside, by their settings.
    package func requireFreePorts(
        _ doors: [(setting: StaticString, address: SocketAddress)] = []
    ) throws(SetupFault) {
        let all: [(setting: StaticString, address: SocketAddress)] =
            [("RPC_LISTEN", rpcListen), ("OPERATIONS_LISTEN", operationsListen)] + doors
        for (setting, address) in all {
            do throws(SystemFault) {
                try TCPListener.requireFree(address)
            } catch {
                throw SetupFault(setting, "nobody can listen at \(address) (\(error))")
            }
        }
        for (index, door) in all.enumerated() where door.address.port != 0 {
            guard let other = all[..<index].first(where: { $0.address == door.address }) else {
                continue
            }
            throw SetupFault(
                door.setting, "\(door.address) is that of DUBBELSLOT_\(other.setting) too")
        }
    }
}

extension TLSContext {
    /// Of the service `service`, whose certificate the files must hold.
    convenience init(
        _ role: TLSContext.Role, _ settings: HostSettings, _ service: ServiceRole
    ) throws(SetupFault) {
        let files = settings.files
        do throws(TLSFault) {
            try self.init(
                role: role, certificateFile: files.certificate, keyFile: files.key,
                authorityFile: files.authority,
                identity: service.identity(in: settings.trustDomain))
        } catch {
            throw SetupFault(
                error, ("CERTIFICATE_FILE", files.certificate), ("KEY_FILE", files.key),
                ("AUTHORITY_FILE", files.authority))
        }
    }

    /// Towards servers that are none of ours.
    /// - Parameter setting: The one that names the file.
    package convenience init(
        outboundAuthorityFile file: String, of setting: StaticString
    ) throws(SetupFault) {
        do throws(TLSFault) {
            try self.init(outboundAuthorityFile: file)
        } catch {
            throw SetupFault(error, (setting, file))
        }
    }
}
