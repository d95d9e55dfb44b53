import Contracts
import RPC
import Wire

extension VerificationDouble {
    func beginChallenge(_ request: BeginChallenge, _ call: Call) async throws(Fault)
        -> ChallengeStarted
    {
        throw Fault(.methodUnknown)
    }
    func beginPasskeyChallenge(_ request: BeginPasskeyChallenge, _ call: Call) async throws(Fault)
        -> PasskeyChallenge
    {
        throw Fault(.methodUnknown)
    }
    func checkPasskey(_ request: CheckPasskey, _ call: Call) async throws(Fault) -> PasskeyVerdict {
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
