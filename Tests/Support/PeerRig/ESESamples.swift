// Layer: test support. Used by: ESEReference's tests and every test that reads databases made by Windows.
// Where the sample databases are. They are not part of this project; tests without them are skipped.

import Foundation

/// One file of the samples' index.
public struct ESESample: Sendable, CustomStringConvertible {
    /// Path relative to the samples' directory, such as `dissect/basic.edb`.
    public let name: String
    /// Full path.
    public let path: String
    /// What it is, in the index's words: `DB`, `LOG`, `CHK`, `FLUSHMAP`…
    public let kind: String
    /// Bytes of a page; nil for files without.
    public let pageSize: Int?
    /// `clean` or `DIRTY` for databases, else empty.
    public let state: String

    public var description: String { name }
}

/// The sample files of `ORIEL_SAMPLES`, by default `../shared/samples` beside the package.
public enum ESESamples {
    /// The directory, if it has an index.
    public static let directory: String? = {
        let environment = ProcessInfo.processInfo.environment["ORIEL_SAMPLES"]
        let path = environment ?? URL(fileURLWithPath: "\(PeerRig.packageRoot)/../shared/samples").standardized.path
        return FileManager.default.fileExists(atPath: "\(path)/INDEX.tsv") ? path : nil
    }()

    /// True if the samples are there.
    public static var isAvailable: Bool { directory != nil }

    /// Why tests on samples can't run here, for a test's `.enabled(if:)` comment; nil if they can.
    public static var skipReason: String? {
        isAvailable ? nil : "no sample databases here: ORIEL_SAMPLES names their directory"
    }

    /// All files of the index; none if the samples are not there.
    public static let all: [ESESample] = {
        guard let directory, let data = FileManager.default.contents(atPath: "\(directory)/INDEX.tsv") else {
            return []
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").dropFirst()
        return lines.compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 6 else { return nil }
            return ESESample(
                name: fields[0], path: "\(directory)/\(fields[0])", kind: fields[1], pageSize: Int(fields[3]),
                state: fields[5])
        }
    }()

    /// The databases among them, clean and dirty ones.
    public static var databases: [ESESample] { all.filter { $0.kind == "DB" } }

    /// The full path of a sample, such as `dissect/basic.edb`; nil if it is not there.
    public static func path(of name: String) -> String? {
        guard let path = directory.map({ "\($0)/\(name)" }) else { return nil }
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
