import Postgres
import Testing
import Wire

struct ConnectionSettingsTests {
    private func refusal(_ connection: String, schema: String = "auth") -> String? {
        do throws(ConnectionSettings.Refusal) {
            _ = try ConnectionSettings(
                connection: connection, schema: schema, application: "tests")
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `both forms of a connection string are read`() throws {
        for text in [
            "host=/run/postgresql dbname=d user=u port=5433",
            "postgresql://u@%2Frun%2Fpostgresql:5433/d",
        ] {
            let it = try ConnectionSettings(connection: text, schema: "auth", application: "tests")
            #expect(it.description == "u@/run/postgresql:5433/d")
        }
    }

    @Test func `a password in the connection string is refused and not repeated`() throws {
        for text in [
            "host=h password=secret-word", "postgresql://u:secret-word@h/d",
            "host=h pass word secret-word", "host=h 'secret-word",
        ] {
            #expect(try !#require(refusal(text)).contains("secret-word"))
        }
    }

    @Test func `what would be half understood is refused`() {
        for text in [
            "", "dbname=d", "host=a,b port=1,2,3", "host=a,b hostaddr=127.0.0.1", "host=a,,b",
            "host=h options=-cfsync=off", "service=x host=h", "host=h\0 dbname=d",
            "host=h nonsense=1", "host=h target_session_attrs=any",
            "host=a,b target_session_attrs=prefer-standby",
        ] {
            #expect(refusal(text) != nil, "\(text)")
        }
        for schema in ["", "Auth", "a b", "a;b", "1a", "a\"b", String(repeating: "a", count: 64)] {
            #expect(refusal("host=h", schema: schema) != nil, "\(schema)")
        }
        #expect(refusal("host=a,b hostaddr=127.0.0.1,::1 port=5432", schema: "auth_2") == nil)
    }

    @Test func `printing settings shows no password`() throws {
        let it = try ConnectionSettings(
            connection: "host=h", password: Bytes(utf8: "secret-word"), schema: "auth",
            application: "tests")
        #expect(!"\(it)".contains("secret-word"))
        var dumped = ""
        dump(it, to: &dumped)
        #expect(!dumped.contains("secret-word"))
    }
}
