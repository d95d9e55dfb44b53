import Postgres
import Testing
import Wire

struct SQLTests {
    let hostile = "'; DROP TABLE account; --"

    @Test func `an interpolated value becomes a numbered bind`() {
        let sql: SQL = "SELECT 1 WHERE a = \(hostile) AND b = \(7) AND c = \(hostile)"
        #expect(sql.text == "SELECT 1 WHERE a = $1 AND b = $2 AND c = $3")
    }

    @Test func `a string literal that is interpolated is a bind too`() {
        let sql: SQL = "SELECT \("text"), \(true ? "a" : "b")"
        #expect(sql.text == "SELECT $1, $2")
    }

    @Test func `a fragment keeps its binds in their places`() {
        let inner: SQL = "b = \(2) OR c = \(hostile)"
        let sql: SQL = "SELECT 1 WHERE a = \(1) AND (\(inner)) AND d = \(4)"
        #expect(sql.text == "SELECT 1 WHERE a = $1 AND (b = $2 OR c = $3) AND d = $4")
    }

    @Test func `only the door called unsafe lets text through`() {
        let sql: SQL = "SELECT 1 FROM \(unsafe: "audit") WHERE \(unsafe: "true")"
        #expect(sql.text == "SELECT 1 FROM audit WHERE true")
    }

    @Test func `printing a statement shows no value`() {
        let sql: SQL = "SELECT \("secret-value"), \(Bytes(utf8: "secret-bytes"))"
        #expect(!"\(sql)".contains("secret"))
    }
}
