import RPC
import Wire

extension CreateVerifier {
    /// The verifier that a fresh installation has, so that administrators can bind at their first
    /// sign-in. The policy's first settings name it.
    package static var installation: CreateVerifier {
        CreateVerifier(
            uid: VerifierUID("totp"), type: .totp, title: "Authenticator app",
            description: "Codes from an authenticator app on a phone or computer.")
    }
}

extension Verification {
    /// Makes the installation's verifier; nothing happens when it stands already.
    package func ensureInstallationVerifier(_ call: Call) async throws(Fault) {
        do throws(Fault) {
            _ = try await createVerifier(MakeVerifier(verifier: .installation), call)
        } catch {
            guard error.reason == .verifierExists else { throw error }
        }
    }
}
