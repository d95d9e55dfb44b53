import RPC
import Wire

/// The two documents, printed from the declarations: `PROTOCOL.md`, from which a stranger writes
/// a client, and `dubbelslot.proto`, from which his tools make the messages. Both are kept beside
/// this file and compared with what is printed by a test.
package enum Documents {
    /// All contracts; the public ones first.
    package static var contracts: [any Contract.Type] {
        [
            SignInContract.self, AccountContract.self, SessionContract.self, AdminContract.self,
            VerificationContract.self, PolicyContract.self,
        ]
    }

    package static let schema = SchemaDocument(
        package: "dubbelslot.v1",
        services: contracts.map { contract in
            ServiceSchema(
                name: contract.service.text.split(separator: ".").last.map(String.init) ?? "",
                number: contract.service.number, about: contract.about,
                methods: contract.methods.map(MethodSchema.init))
        },
        besides: [Hello.self, GoAway.self, FaultMessage.self])

    /// The text of `dubbelslot.proto`.
    package static var proto: String {
        schema.protoText(
            preface: """
                The messages of Dubbelslot, printed from their declarations; PROTOCOL.md says how \
                they travel. What proto3 cannot say, bounds and required fields, stands in the \
                comments.
                """)
    }

    /// The text of `PROTOCOL.md`.
    package static var protocolText: String {
        [
            "# The protocol of Dubbelslot",
            """
            Two doors, the same messages. This document is printed from the declarations in the
            source and compared with them by a test; `dubbelslot.proto` beside it holds the
            messages for your tools.
            """,
            rpcText, frameText, connectionText, codingText, httpText, reasonText, schema.markdown,
        ].joined(separator: "\n\n") + "\n"
    }
}

extension MethodSchema {
    init(_ method: MethodDescription) {
        let callers =
            switch method.callers {
            case .services(let roles): roles.map(\.rawValue).joined(separator: ", ")
            case .registered: "registered callers, and everybody over HTTP"
            }
        self.init(
            name: method.name, number: method.number, request: method.request,
            response: method.response, about: method.about, callers: callers)
    }
}

extension Documents {
    fileprivate static let rpcText = """
        ## Binary RPC

        TCP with TLS 1.3 and the application protocol (ALPN) `dubbelslot/1`. Both ends show a
        certificate of the installation's own authority with exactly one URI as subject
        alternative name, `spiffe://<trust domain>/<name>`; what a caller may call hangs on that
        name. With TLS 1.3 a refused client sees its handshake succeed and learns of the refusal at
        the first read.
        """

    fileprivate static var frameText: String {
        let kinds =
            Frame.Kind.allCases.map { "| \($0.rawValue) | `\($0)` | \($0.about) |" }
            + Frame.reservedKinds.map { "| \($0.number) | `\($0.name)` | Reserved, refused. |" }
        return """
            ### Frame

            All numbers are big-endian.

            ```
            length u32 · kind u8 · flags u8 · method u16 · call u32 · fields · payload
            ```

            `length` counts the bytes after itself: \(Frame.lengthMin) for a frame without fields
            and payload. Payloads are proto3 messages.

            | kind | name | what |
            |---|---|---|
            \(kinds.joined(separator: "\n"))

            Fields stand before the payload of a request, each announced by a flag, in this order:

            | flag | field |
            |---|---|
            | 1 | deadline: 4 bytes, milliseconds from now until you stop waiting |
            | 2 | request id: 16 bytes; repeat a call under the same id |
            | 4 | trace: 16 bytes trace id, 8 bytes parent span (W3C Trace Context) |
            | 8 | bearer: 1 byte count and so many bytes, the session token of the user acted for |
            """
    }

    fileprivate static var connectionText: String {
        let violations = Violation.allCases.map { "| `\($0.rawValue)` | \($0.about) |" }
        return """
            ### Connection

            The client sends a `Hello` first, in a frame of kind `hello` with method 0 and call 0;
            the server answers with its own, and only then do requests follow. A request carries
            its method's number and a call number of your choice, not 0 and not that of an open
            call; make them rise. A `response` or a `fault` carries the call's number, method 0
            and no flags; answers come in any order. `cancel` with a call's number gives it up;
            its late answer is dropped. Answer `ping` with `pong`. After `goaway` no new calls:
            open ones are still answered, then the connection closes. Neither end may exceed
            the limits in the other's hello.

            An end that breaks these rules is told why in a `GoAway` and cut off:

            | reason | what |
            |---|---|
            \(violations.joined(separator: "\n"))
            """
    }

    fileprivate static let codingText = """
        ### Messages, stricter than proto3

        - Implicit fields of value zero are left out. A field declared `optional` in the document
          and called required in the tables must be present; its absence is refused.
        - A singular field that stands twice, a value over its bound, text that is not UTF-8 or
          holds U+0000, a bool over 1, a timestamp outside the years 1 to 9999, a word or number
          outside a closed list, a group, bytes left over: each is refused as `malformed`. Words
          are compared byte by byte.
        - Padded varints and zeros that are written out are accepted; lists of numbers packed or
          not. In JSON a null stands for an absent field, never for an element of a list, and a
          field may be spelled in either way, but not in both.
        - Unknown fields are skipped, so that old and new versions talk.
        - Exactly one field of a `oneof` is present.
        """

    fileprivate static let httpText = """
        ## HTTP

        The unary form of the Connect protocol over HTTP/1.1:

        ```
        POST /dubbelslot.v1.SignInService/Start
        Content-Type: application/json

        {"identifier": "ann", "password": "…"}
        ```

        `application/json` is the proto3 JSON mapping (fields in lowerCamelCase, 64-bit numbers as
        text, bytes in base64, timestamps as RFC 3339 text, a `oneof` by which field is present);
        `application/proto` is the binary form. Duplicate names in an object are refused.
        Compression is not supported: switch it off in generated clients. `Connect-Timeout-Ms` is
        honoured.

        A browser's session is the cookie `__Host-dubbelslot`; other callers ask for a token with
        `"bearer": true` and send `Authorization: Bearer <token>`. Requests that a browser says
        come from another site are refused.

        A refusal has Connect's code and HTTP status, a sentence, and the stable word to branch on,
        in the field `Dubbelslot-Reason` and in `details[0].debug.reason`:

        ```
        {"code": "unauthenticated", "message": "The code is wrong.",
         "details": [{"type": "dubbelslot.v1.Fault", "value": "…",
                      "debug": {"reason": "code_wrong"}}]}
        ```
        """

    fileprivate static var reasonText: String {
        let rows = Reason.allCases.map {
            "| `\($0.rawValue)` | `\($0.code.rawValue)` | \($0.httpStatus) | \($0.sentence) |"
        }
        return """
            ## Refusals

            | word | code | HTTP | sentence |
            |---|---|---|---|
            \(rows.joined(separator: "\n"))

            What is no call at all has the status that HTTP has for it: another HTTP method than
            POST is answered 405 (`method_unknown`), another content type 415 (`malformed`).
            """
    }
}

extension Frame.Kind {
    fileprivate var about: String {
        switch self {
        case .hello: "The first frame of each end; payload `Hello`."
        case .request: "A call; payload the method's request."
        case .response: "Its answer; payload the method's response."
        case .fault: "Its refusal; payload `Fault`."
        case .cancel: "The caller waits no longer. No payload."
        case .ping: "Are you there? No payload, call 0."
        case .pong: "Yes. No payload, call 0."
        case .goaway: "No new calls, please; payload `GoAway`."
        }
    }
}
