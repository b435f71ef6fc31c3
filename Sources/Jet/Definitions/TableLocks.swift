// Layer: Jet. Uses: ESEEngine (Table). Used by: opening of tables.
// Which cursors keep others from a table.

import ESEEngine
import PlatformIO

/// How a cursor is opened. C names: JET_bitTable….
public struct OpenTableFlags: OptionSet, Hashable, Sendable {
    /// The bits of the C interface; those without a name here change nothing.
    public let rawValue: UInt32
    /// Makes flags of the API's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Others can't change the table. C name: JET_bitTableDenyWrite.
    public static let denyWrite = OpenTableFlags(rawValue: 0x1)
    /// Others can't open the table. C name: JET_bitTableDenyRead.
    public static let denyRead = OpenTableFlags(rawValue: 0x2)
    /// The cursor changes nothing. C name: JET_bitTableReadOnly.
    public static let readOnly = OpenTableFlags(rawValue: 0x4)
    /// The cursor must be able to change rows. C name: JET_bitTableUpdatable.
    public static let updatable = OpenTableFlags(rawValue: 0x8)
    /// May change columns and indexes although others deny that: of no use here.
    /// C name: JET_bitTablePermitDDL.
    public static let permitDDL = OpenTableFlags(rawValue: 0x10)
}

/// The cursors of an instance on tables of databases. Safe from any thread.
final class TableLocks: Sendable {
    /// A cursor's part. It is given back as often as it was taken.
    struct Hold: Hashable, Sendable {
        let table: ObjectIdentifier
        let session: ObjectIdentifier
        let mayWrite: Bool
        let denies: OpenTableFlags
    }

    private struct State: Sendable {
        var holds: [Hold: Int] = [:]

        /// Whether another session's cursor conflicts.
        func isLocked(for hold: Hold) -> Bool {
            holds.keys.contains { other in
                other.session != hold.session
                    && (other.denies.contains(.denyRead) || other.denies.contains(.denyWrite) && hold.mayWrite)
            }
        }

        func isInUse(for hold: Hold) -> Bool {
            holds.keys.contains { other in
                other.session != hold.session
                    && (hold.denies.contains(.denyRead) || hold.denies.contains(.denyWrite) && other.mayWrite)
            }
        }
    }

    private let tables = Locked<[ObjectIdentifier: State]>([:])

    /// Takes a cursor's part.
    /// - Throws: `tableLocked` if another session denies it, `tableInUse` if it denies what another session has.
    func take(_ hold: Hold) throws(JetError) {
        let failure: JetError? = tables.withLock { tables in
            var state = tables[hold.table] ?? State()
            if state.isLocked(for: hold) { return .tableLocked }
            if state.isInUse(for: hold) { return .tableInUse }
            state.holds[hold, default: 0] += 1
            tables[hold.table] = state
            return nil
        }
        if let failure { throw failure }
    }

    /// Takes what was taken before once more.
    func again(_ hold: Hold) { tables.withLock { $0[hold.table, default: State()].holds[hold, default: 0] += 1 } }

    /// Gives a part back.
    func giveBack(_ hold: Hold) {
        tables.withLock { tables in
            guard var state = tables[hold.table], let count = state.holds[hold] else { return }
            state.holds[hold] = count > 1 ? count - 1 : nil
            tables[hold.table] = state.holds.isEmpty ? nil : state
        }
    }

    /// Whether a session has the table for itself.
    func isExclusive(_ table: Table, session: JetSession) -> Bool {
        tables.withLock { tables in
            tables[ObjectIdentifier(table)]?.holds.keys.contains {
                $0.session == ObjectIdentifier(session) && $0.denies.contains(.denyRead)
            } ?? false
        }
    }
}
