// Layer: test support. Uses: PeerRig, PeerProgram, ReferenceTable. Used by: tests that read databases.
// What a database holds according to readers that are not ours: dissect.esedb and pyesedb, through reference.py.

import Foundation

/// The foreign readers' view of a database.
public enum ESEReference {
    /// True if the foreign readers are installed.
    public static var isAvailable: Bool { skipReason == nil }

    /// Why tests against the foreign readers can't run here, for a test's `.enabled(if:)` comment; nil if they can.
    public static let skipReason: String? = {
        let files = FileManager.default
        // The installation ends with a copy of its list; another list means other versions.
        let isInstalled = files.contentsEqual(atPath: "\(home)/requirements.txt", andPath: "\(peers)/requirements.txt")
        if isInstalled, files.isExecutableFile(atPath: python) { return nil }
        return "no dissect.esedb and pyesedb here: run Scripts/install-python-peers"
    }()

    private static let home = "\(PeerRig.packageRoot)/.build/peers/python"
    private static let peers = "\(PeerRig.packageRoot)/Tests/Support/ESEPeers"

    /// The Python that has the foreign readers.
    public static let python = "\(home)/bin/python"

    /// All tables of the database at `path`, system tables too, in the catalog's order. Each path is read once in a
    /// process; and what `reference.py` printed is kept below `.build` for the next, as long as nothing changed.
    public static func tables(of path: String) async throws -> [ReferenceTable] {
        try await store.tables(of: path)
    }

    /// The table called `name` in the database at `path`; throws if there is none.
    public static func table(_ name: String, of path: String) async throws -> ReferenceTable {
        guard let table = try await tables(of: path).first(where: { $0.name == name }) else {
            throw PeerRigError.unexpectedAnswer("no table \(name) in \(path)")
        }
        return table
    }

    private static let store = Store()

    /// The readings of this process, under way or done.
    private actor Store {
        private var readings: [String: Task<[ReferenceTable], any Error>] = [:]

        func tables(of path: String) async throws -> [ReferenceTable] {
            if let reading = readings[path] { return try await reading.value }
            let reading = Task { try await ESEReference.read(path) }
            readings[path] = reading
            return try await reading.value
        }
    }

    private static func read(_ path: String) async throws -> [ReferenceTable] {
        let arguments = ["\(peers)/reference.py", "--cache", "\(PeerRig.packageRoot)/.build/peers/reference", path]
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerProgram.run(python, arguments, seconds: 600)
        }
        guard result.status == 0 else { throw PeerRigError.unexpectedAnswer(result.errorOutput) }
        return try ReferenceTable.all(in: Array(result.output.utf8))
    }
}
