// Layer: ESEInterchangeTests. Used by: the tests of this target.
// What esedbexport (libesedb 20181229) prints of a database that we wrote, and what it can't.

import ESEFormat
import Foundation
import PeerRig
import Testing

/// A row as esedbexport has to print it.
enum ExportedText {
    /// A cell that can be compared, or why it can't.
    enum Cell: Equatable {
        case text(String)
        case skipped(Limit)
    }

    /// What esedbexport does not do.
    enum Limit: String {
        case fixedNull = "prints what lies in the place of a fixed column that is NULL"
        case several = "prints several values as one"
        case compressed = "prints compressed values of several chunks wrongly"
    }

    /// The program, if it is here.
    static let program = PeerRig.path(of: "esedbexport")

    /// Whether it is.
    static var isAvailable: Bool { program != nil }

    static func cells(_ row: [String: [ColumnValue]], _ every: EveryType) -> [Cell] { [] }

    static func compare(_ expected: [[Cell]], _ names: [String], _ table: String, _ path: String) async throws {
        guard let program else {
            print("esedbexport is not compared: it is not installed")
            return
        }
        let target = path + "-text"
        let result = try await PeerRig.onThread { () throws(PeerRigError) in
            try PeerProgram.run(program, ["-t", target, path], seconds: 60)
        }
        print(result.status, result.output.suffix(500), result.errorOutput.suffix(1000))
        for name in try FileManager.default.contentsOfDirectory(atPath: target + ".export") where name.hasPrefix(table) {
            let text = String(decoding: FileManager.default.contents(atPath: "\(target).export/\(name)") ?? Data(), as: UTF8.self)
            print(text.prefix(6000))
        }
    }
}
