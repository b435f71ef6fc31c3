// Layer: Jet. Uses: JetCursor, ListBuilder. Used by: JetABI.
// Rows that several indexes agree on.

public import ESEEngine
import ESEFormat

extension JetLibrary {
    /// The bookmarks of the rows that all cursors have from where they are to the end of their ranges, in a temporary
    /// table with one column, in the order of the bookmarks. JET_errInvalidParameter unless all are on one table, each on
    /// a secondary index of its own. C name: JetIntersectIndexes.
    public func intersectIndexes(_ session: UInt, _ cursors: [UInt]) throws(JetError) -> InformationList {
        try withSession(session) { (call) throws(JetError) in
            var found: [JetCursor] = []
            for handle in cursors {
                guard let object = table.cursor(handle, session: call.entry) else {
                    throw table.isValid(handle, .cursor) ? .sesidTableIdMismatch : .invalidTableId
                }
                let cursor = unsafeDowncast(object, to: JetCursor.self)
                guard let index = cursor.rows.index, found.allSatisfy({ $0.rows.table === cursor.rows.table }),
                    !found.contains(where: { $0.rows.index === index })
                else { throw .invalidParameter }
                found.append(cursor)
            }
            guard !found.isEmpty, found.count <= 64 else { throw .invalidParameter }
            return try call.inTransaction { () throws(JetError) in
                var common: Set<[UInt8]>?
                for cursor in found {
                    var own: Set<[UInt8]> = []
                    var isThere = try Self.isOnRow(cursor.rows)
                    while isThere {
                        let bookmark = [UInt8](try cursor.rows.bookmark().buffer)
                        if common?.contains(bookmark) ?? true { own.insert(bookmark) }
                        isThere = try cursor.rows.next()
                    }
                    common = own
                }
                let sorted = (common ?? []).sorted { $0.lexicographicallyPrecedes($1) }
                // Not a key: those of long bookmarks are cut. Rows stay in the order in which they are added.
                let column = TemporaryTableRequest.Column(.longBinary)
                return try ListBuilder.make(self, call, [column], isUnicode: false) { (list) throws(JetError) in
                    for bookmark in sorted { try list.add([.bytes(bookmark)]) }
                }
            }
        }
    }

    /// A cursor beyond its range has no rows to give.
    private static func isOnRow(_ rows: RowCursor) throws(JetError) -> Bool {
        do throws(JetError) {
            _ = try rows.key()
            return true
        } catch {
            guard error == .noCurrentRecord else { throw error }
            return false
        }
    }
}
