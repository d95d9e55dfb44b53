import Testing
import Wire

@Suite struct FaultTests {
    @Test func `every reason is a plain word with a sentence and a code`() {
        for reason in Reason.allCases {
            #expect(reason.rawValue.utf8.allSatisfy { $0 == 0x5f || (0x61...0x7a).contains($0) })
            #expect(reason.sentence.hasSuffix("."))
            #expect(reason.httpStatus >= 400 && reason.httpStatus < 600)
        }
    }

    @Test func `a fault shows its word and never its detail`() {
        let fault = Fault(.codeWrong, detail: "step 7 of user x")
        #expect("\(fault)" == "code_wrong")
    }
}
