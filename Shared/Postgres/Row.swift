import CPostgres

/// What a statement gave, kept in libpq's own memory so that rows are read in place.
///
/// `@unchecked Sendable`: the result is only read after it was made, libpq's accessors of a
/// complete `PGresult` change nothing in it, and it is freed once, by the last owner.
final class ResultSet: @unchecked Sendable {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    var rows: [Row] { (0..<PQntuples(handle)).map { Row(result: self, number: $0) } }

    /// Rows inserted, updated, deleted or given; 0 for statements that have no such number.
    var affected: Int { Int(String(cString: PQcmdTuples(handle))) ?? 0 }

    /// The command as done, for example `COMMIT` or `INSERT 0 1`.
    var command: String { String(cString: PQcmdStatus(handle)) }
}

/// One row, decoded by position and type, every column of it:
/// `let (name, tries) = try row.decode(String.self, Int.self)`.
package struct Row: Sendable {
    let result: ResultSet
    let number: Int32

    /// Throws `.decoding` when the number of columns, a type or a value is another.
    package func decode<each V: SQLValue>(
        _ types: repeat (each V).Type
    ) throws(PostgresFault) -> (repeat each V) {
        var columns = 0
        for _ in repeat each types { columns += 1 }
        guard columns == Int(PQnfields(result.handle)) else {
            throw .decoding("\(PQnfields(result.handle)) columns, \(columns) asked for")
        }
        var column: Int32 = -1
        func next<T: SQLValue>(_: T.Type) throws(PostgresFault) -> T {
            column += 1
            return try field(column, T.self)
        }
        return (repeat try next(each types))
    }

    /// A row of one column. (A pack of one element would come back as a tuple of one, which does
    /// not fit everywhere.)
    package func decode<V: SQLValue>(_: V.Type) throws(PostgresFault) -> V {
        guard PQnfields(result.handle) == 1 else {
            throw .decoding("\(PQnfields(result.handle)) columns, 1 asked for")
        }
        return try field(0, V.self)
    }

    private func field<T: SQLValue>(_ column: Int32, _: T.Type) throws(PostgresFault) -> T {
        let handle = result.handle
        let isNull = PQgetisnull(handle, number, column) == 1
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(handle, number, column),
            count: Int(PQgetlength(handle, number, column)))
        let field = SQLField(type: PQftype(handle, column), bytes: isNull ? nil : bytes)
        do throws(SQLRefusal) {
            return try T(sql: field)
        } catch {
            let name = PQfname(handle, column).map { String(cString: $0) } ?? "?"
            throw .decoding("column \(column + 1) (\(name)) as \(T.self): \(error.why)")
        }
    }
}
