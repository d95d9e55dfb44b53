import Contracts
import RPC
import Wire

extension VerificationDouble {
    func makeRecoveryCodes(_ request: MakeRecoveryCodes, _ call: Call) async throws(Fault)
        -> RecoveryCodes
    {
        throw Fault(.methodUnknown)
    }
    func sendNotice(_ request: SendNotice, _ call: Call) async throws(Fault) -> NoticeQueued {
        throw Fault(.methodUnknown)
    }
    func beginReset(_ request: BeginReset, _ call: Call) async throws(Fault) -> ResetBegun {
        throw Fault(.methodUnknown)
    }
    func findReset(_ request: FindReset, _ call: Call) async throws(Fault) -> ResetFound {
        throw Fault(.methodUnknown)
    }
    func importAuthenticators(_ request: ImportAuthenticators, _ call: Call) async throws(Fault)
        -> AuthenticatorsImported
    {
        throw Fault(.methodUnknown)
    }
    func testVerifier(_ request: TestVerifier, _ call: Call) async throws(Fault) -> TestSent {
        throw Fault(.methodUnknown)
    }
}
