// The engine's errors are JET's: names and numbers agree with esent.h.

import Foundation
import Testing

@testable import ESEEngine

@Suite struct JetErrorTests {
    /// JET_err… and JET_wrn… of esent.h that are numbers: the name and the number; and those that are other names.
    private static let header: (codes: [String: Int32], synonyms: [String: String]) = {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = package.appendingPathComponent("Sources/CJet/include/esent.h").path
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return ([:], [:]) }
        var codes: [String: Int32] = [:]
        var synonyms: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "#define" else { continue }
            let name = String(words[1])
            guard name.hasPrefix("JET_err") || name.hasPrefix("JET_wrn") else { continue }
            let value = words[2].trimmingCharacters(in: CharacterSet(charactersIn: "()"))
            if let number = Int32(value) { codes[name] = number } else { synonyms[name] = value }
        }
        return (codes, synonyms)
    }()

    /// Names of esent.h that are no results: success, and the bounds of the numbers that programs may use.
    private static let notInTables: Set = ["JET_errSuccess", "JET_errClientSpaceBegin", "JET_errClientSpaceEnd"]

    @Test func numbersAreThoseOfTheInterface() {
        // Evidence: Extensible Storage Engine Error Codes, JET_errWriteConflict and JET_errKeyDuplicate.
        #expect(JetError.writeConflict.rawValue == -1102)
        #expect(JetError.keyDuplicate.rawValue == -1605)
        #expect(JetWarning.seekNotEqual.rawValue == 1039)
    }

    @Test func everyNumberOfTheHeaderIsKnown() {
        #expect(Self.header.codes.count > 400)
        let known = Dictionary(
            uniqueKeysWithValues: JetError.all.map { ($0.name, $0.error.rawValue) }
                + JetWarning.all.map { ($0.name, $0.warning.rawValue) })
        for (name, number) in Self.header.codes where !Self.notInTables.contains(name) {
            #expect(known[name] == number, "\(name)")
        }
    }

    @Test func everyKnownNumberIsInTheHeader() {
        for (error, name, text) in JetError.all {
            #expect(Self.header.codes[name] == error.rawValue, "\(name)")
            #expect(error.rawValue < 0 && text.hasSuffix("."), "\(name)")
        }
        for (warning, name, text) in JetWarning.all {
            #expect(Self.header.codes[name] == warning.rawValue, "\(name)")
            #expect(warning.rawValue > 0 && text.hasSuffix("."), "\(name)")
        }
    }

    @Test func noNumberStandsTwice() {
        #expect(Set(JetError.all.map(\.error)).count == JetError.all.count)
        #expect(Set(JetWarning.all.map(\.warning)).count == JetWarning.all.count)
    }

    @Test func olderNamesMeanKnownOnes() {
        #expect(Self.header.synonyms["JET_errDatabaseInconsistent"] == "JET_errDatabaseDirtyShutdown")
        for (name, other) in Self.header.synonyms {
            #expect(Self.header.codes[other] != nil, "\(name)")
        }
    }

    /// The constants in Swift, read from the sources, are those of the tables, and named after them.
    @Test func everyNumberHasAConstant() throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var constants: [Int32: String] = [:]
        for file in ["JetError+Engine", "JetError+Interface", "JetError+Data", "JetWarning"] {
            let path = package.appendingPathComponent("Sources/ESEEngine/0-Base/\(file).swift").path
            for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
                let words = line.split(whereSeparator: { " =():".contains($0) })
                guard words.count == 7, words[2] == "let", let number = Int32(words[6]) else { continue }
                #expect(constants.updateValue(String(words[3]), forKey: number) == nil, "\(number) twice")
            }
        }
        let codes = JetCode.errors + JetCode.warnings
        #expect(constants.count == codes.count)
        for code in codes {
            #expect(constants[code.number]?.lowercased() == code.name.dropFirst(7).lowercased(), "\(code.name)")
        }
    }

    @Test func descriptionHasNameNumberAndText() {
        let text = "\(JetError.writeConflict)"
        #expect(text.hasPrefix("JET_errWriteConflict (-1102): "))
        #expect(text.hasSuffix("again."))
        #expect("\(JetWarning.columnNull)" == "JET_wrnColumnNull (1004): The column is NULL.")
        #expect("\(JetError(rawValue: -9999))" == "JET error -9999")
        #expect(JetError(rawValue: -9999).text == nil)
    }
}
