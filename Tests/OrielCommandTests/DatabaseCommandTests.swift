import ESEFormat
import Foundation
import PeerRig
import PlatformIO
import Testing

@testable import OrielCommand

/// `oriel db` on databases that Windows made.
@Suite(.enabled(if: ESESamples.isAvailable, "no sample databases here: ORIEL_SAMPLES names their directory"))
struct DatabaseCommandTests {
    private static let basic = "dissect/basic.edb"
    private static let srum = "misc/SRUDB-win10-7284rows.dat"

    // MARK: Recorded outputs

    @Test(arguments: [
        ["info", basic], ["info", "srum-belkasoft/dirty/SRUDB.dat"], ["info", "--json", basic],
        ["tables", "--all", "--count", basic], ["schema", basic], ["schema", "dissect/index.edb"],
        ["schema", srum, "srudbidmaptable"], ["dump", basic, "basic"], ["dump", "-n", "4", srum, "SruDbIdMapTable"],
        ["dump", "dissect/multi.edb", "multi"], ["page", basic, "1"], ["page", basic, "2"], ["page", basic, "4"],
        ["page", basic, "31"], ["page", "--hex", basic, "31"], ["page", srum, "35"], ["page", srum, "31"],
    ])
    func outputsAreAsStored(arguments: [String]) async throws {
        var words = arguments
        for (place, word) in words.enumerated() where word.contains("/") { words[place] = try DatabaseRig.sample(word) }
        let name = arguments.joined(separator: "_").replacing("/", with: "-")
        let result = await oriel(["db"] + words)
        #expect(result.status == 0, "\(result)")
        try DatabaseRig.check(result, name)
    }

    // MARK: JSON

    @Test func infoAsJSON() async throws {
        let clean = await DatabaseRig.db("info", "--json", try DatabaseRig.sample(Self.srum))
        let object = try #require(clean.objects.first)
        #expect(object["state"] as? String == "clean shutdown" && object["clean"] as? Bool == true)
        #expect(object["format"] as? String == "0x620,110,240" && object["pageSize"] as? Int == 4_096)
        #expect(object["bytes"] as? Int == 3_276_800 && object["lastPage"] as? Int == 798)
        let fields = try #require(object["fields"] as? [[String: Any]])
        #expect(fields.contains { $0["eseName"] as? String == "objidLast" && $0["offset"] as? Int == 212 })
        let dirty = await DatabaseRig.db("info", "--json", try DatabaseRig.sample("srum-belkasoft/dirty/SRUDB.dat"))
        #expect(dirty.objects.first?["requiredLogs"] as? [Int] == [81, 81] && dirty.status == 0, "\(dirty)")
    }

    @Test func tablesAsJSON() async throws {
        let result = await DatabaseRig.db("tables", "--json", "--count", try DatabaseRig.sample(Self.srum))
        #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
        let rows = result.objects.compactMap { $0["rows"] as? Int }
        #expect(rows.count == result.lines.count && rows.reduce(0, +) == 7_284, "\(result)")
        let map = try #require(result.objects.first { $0["name"] as? String == "SruDbIdMapTable" })
        #expect(map["rootPage"] as? Int == 31 && map["columns"] as? Int == 3 && map["indexes"] as? Int == 2)
    }

    @Test func schemaAsJSON() async throws {
        let result = await DatabaseRig.db("schema", "--json", try DatabaseRig.sample("dissect/index.edb"), "INDEX")
        let table = try #require(result.objects.first)
        let columns = try #require(table["columns"] as? [[String: Any]])
        #expect(columns.map { $0["name"] as? String }.contains("LongUnicode"))
        let indexes = try #require(table["indexes"] as? [[String: Any]])
        let unicode = try #require(indexes.first { $0["name"] as? String == "IxUnicode" })
        #expect(unicode["locale"] as? String == "en-US" && unicode["lcMapFlags"] as? Int == 0x30401)
        let key = try #require(unicode["key"] as? [[String: Any]])
        #expect(key.first?["column"] as? String == "Unicode" && key.first?["order"] as? String == "ascending")
    }

    @Test func dumpAsJSON() async throws {
        let path = try DatabaseRig.sample(Self.basic)
        let result = await DatabaseRig.db("dump", "--json", path, "basic", "--columns", "guid,Id,Long")
        #expect(result.status == 0, "\(result)")
        let values = try #require(result.objects.first?["values"] as? [String: Any])
        #expect(values["Id"] as? Int == 1 && values["Long"] as? Int == -13_371_337)
        #expect(values["GUID"] as? String == "3f360af1-6766-46dc-9af2-0dacf295c2a1" && values.count == 3)
    }

    /// Every page of a file, and what it says of itself.
    @Test func everyPageAsJSON() async throws {
        let path = try DatabaseRig.sample("dissect/SRUDB.dat")
        var nodes = 0
        for page in 1...158 {
            let result = await DatabaseRig.db("page", "--json", path, "\(page)")
            let object = try #require(result.objects.first)
            #expect(object["page"] as? Int == page)
            // Pages that the database does not own hold anything.
            let checksum = try #require(object["checksum"] as? String)
            #expect(result.status == (["valid", "uninitialized"].contains(checksum) ? 0 : 1), "\(result)")
            nodes += (object["nodes"] as? [Any])?.count ?? 0
        }
        #expect(nodes > 600)
    }

    // MARK: Ranges and orders

    @Test func keyRanges() async throws {
        let path = try DatabaseRig.sample(Self.srum)
        func ids(_ arguments: String...) async -> [Int] {
            let result = await oriel(["db", "dump", "--json", "-n", "100000", path, "SruDbIdMapTable"] + arguments)
            return result.objects.compactMap { ($0["values"] as? [String: Any])?["IdIndex"] as? Int }
        }
        let all = await ids()
        #expect(all == all.sorted() && all.count > 100)
        #expect(await ids("--where-key", "5..9") == [5, 6, 7, 8, 9])
        #expect(await ids("--where-key", "7") == [7])
        #expect(await ids("--where-key", "..3") == all.filter { $0 <= 3 })
        #expect(await ids("--where-key", "\(all[50])..") == Array(all[50...]))
        let byType = await ids("--index", "IDTYPEIDBLOB", "--where-key", "3")
        #expect(!byType.isEmpty && Set(byType).isSubset(of: all) && byType.count < all.count)
        #expect(await ids("--index", "IdTypeIdBlob", "--where-key", "0..2").count + byType.count == all.count)
    }

    // MARK: Export

    /// Reads CSV: how many records each file has, and the sum of all field counts.
    private static let readCSV = """
        import csv, sys
        for path in sys.argv[1:]:
            rows = list(csv.reader(open(path, newline='', encoding='utf-8')))
            assert all(len(row) == len(rows[0]) for row in rows), path
            print(len(rows) - 1, len(rows[0]))
        """

    @Test func exportOfOneTableAsCSV() async throws {
        let scratch = try Scratch()
        let path = try DatabaseRig.sample(Self.srum)
        let result = await DatabaseRig.db("export", path, "--table", "srudbidmaptable")
        #expect(result.status == 0 && result.output.hasPrefix("IdType,IdIndex,IdBlob\r\n"), "\(result)")
        let file = scratch.path + "/ids.csv"
        let written = await DatabaseRig.db("export", path, "--table", "SruDbIdMapTable", "--out", file)
        #expect(written.status == 0 && written.output.isEmpty && written.errors.contains("SruDbIdMapTable: "))
        #expect(try String(contentsOfFile: file, encoding: .utf8) == result.output)
        #expect(try DatabaseRig.python(Self.readCSV, file) == "1141 3\n")
        let script = "import base64, sys; print(base64.b64decode(sys.argv[1]).hex())"
        var fields: [String] = []
        for form in ["hex", "base64"] {
            let raw = await DatabaseRig.db(
                "export", path, "--table", "SruDbIdMapTable", "--where-key", "5", "--raw", "--binary", form)
            let line = raw.output.replacing("\r\n", with: "\n").split(separator: "\n").last ?? ""
            fields.append(line.split(separator: ",").last.map(String.init) ?? "")
        }
        #expect(try DatabaseRig.python(script, fields[1]) == fields[0] + "\n" && fields[0].hasPrefix("2100"))
        #expect(result.output.contains("S-1-5-18"))
    }

    @Test func exportOfTextsAsCSV() async throws {
        let scratch = try Scratch()
        for sample in ["dissect/text.edb", "dissect/multi.edb", "dissect/default.edb", "dissect/index.edb"] {
            let result = await DatabaseRig.db(
                "export", "--format", "csv", "--out", scratch.path + "/" + sample + "/", try DatabaseRig.sample(sample))
            #expect(result.status == 0, "\(result)")
            for file in try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/" + sample) {
                #expect(file.hasSuffix(".csv"))
                _ = try DatabaseRig.python(Self.readCSV, "\(scratch.path)/\(sample)/\(file)")
            }
        }
    }

    @Test func exportOfAllTables() async throws {
        let scratch = try Scratch()
        let path = try DatabaseRig.sample(Self.srum)
        let stream = await DatabaseRig.db("export", path)
        #expect(stream.status == 0 && stream.objects.count == 7_284)
        let tables = Set(stream.objects.compactMap { $0["_table"] as? String })
        #expect(tables.contains("SruDbIdMapTable") && !tables.contains("MSysObjects"))
        let folder = scratch.path + "/all/"
        let result = await DatabaseRig.db("export", path, "--all", "--format", "csv", "--out", folder)
        #expect(result.status == 0 && result.output.isEmpty, "\(result)")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix("MSys") }
        let counts = try DatabaseRig.python(Self.readCSV, files.map { folder + $0 })
        #expect(counts.split(separator: "\n").compactMap { Int($0.split(separator: " ")[0]) }.reduce(0, +) == 7_284)
    }

    @Test func exportToSQLite() async throws {
        let scratch = try Scratch()
        let file = scratch.path + "/srum.sqlite"
        let path = try DatabaseRig.sample(Self.srum)
        let result = await DatabaseRig.db("export", path, "--out", file)
        #expect(result.status == 0 && result.output.isEmpty && result.errors.contains("7284 rows of 10 tables"))
        let script = """
            import sqlite3, sys
            base = sqlite3.connect(sys.argv[1])
            names = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            print(sum(base.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names))
            print(base.execute("SELECT IdBlob FROM SruDbIdMapTable WHERE IdIndex = 8").fetchone()[0])
            print(base.execute("PRAGMA integrity_check").fetchone()[0])
            """
        #expect(try DatabaseRig.python(script, file) == "7284\nS-1-5-18\nok\n")
        let again = await DatabaseRig.db("export", path, "--out", file)
        #expect(again.status == 2 && again.errors.contains("is there already"), "\(again)")
    }

    @Test func deletedRowsSayWhatTheyAre() async throws {
        let path = try DatabaseRig.sample("dissect/Current.mdb")
        for (arguments, expected) in [
            (["--deleted"], ["live": 34, "slack-uncertain": 3]),
            (
                ["--deleted", "--all"],
                ["live": 992, "freed": 1_852, "freed-uncertain": 5, "slack": 232, "slack-uncertain": 3]
            ),
        ] {
            let result = await DatabaseRig.db(arguments: ["export", path, "--format", "jsonl"] + arguments)
            #expect(result.status == 0, "\(result.errors)")
            var counts: [String: Int] = [:]
            for object in result.objects { counts[try #require(object["_origin"] as? String), default: 0] += 1 }
            #expect(counts == expected)
        }
        let plain = await DatabaseRig.db("export", path, "--format", "jsonl")
        #expect(plain.objects.count == 34)
    }

    @Test func exportOfARangeOfColumns() async throws {
        let result = await DatabaseRig.db(
            "export", try DatabaseRig.sample(Self.srum), "--table", "SruDbIdMapTable", "--columns", "IdIndex,idtype",
            "--where-key", "5..7")
        #expect(result.output == "IdIndex,IdType\r\n5,0\r\n6,3\r\n7,0\r\n", "\(result)")
    }

    @Test func exportsThatMakeNoSense() async throws {
        let scratch = try Scratch()
        let path = try DatabaseRig.damaged(Self.basic, in: scratch) { _ in }
        let srum = try DatabaseRig.sample(Self.srum)
        for (arguments, expected) in [
            (["export", srum, "--format", "csv"], "CSV holds one table"),
            (["export", path, "--out", path], "names the database itself"),
            (["export", srum, "--columns", "a"], "--columns is for one table"),
            (["export", path, "--format", "xml"], "there are csv, jsonl, sqlite"),
            (["export", path, "--format", "sqlite"], "needs a file"),
            (["export", srum, "--format", "sqlite", "--out", path], "is there already"),
            (["export", path, "--table", "basics"], "did you mean basic?"),
        ] as [([String], String)] {
            let result = await oriel(["db"] + arguments)
            #expect(result.status == 2 && result.errors.contains(expected), "\(arguments): \(result)")
        }
        let full = await DatabaseRig.db("export", path, "--out", "/dev/full")
        #expect(full.status == 5 && full.errors.contains("/dev/full"), "\(full)")
    }

    @Test func exportOfADamagedDatabaseGoesOn() async throws {
        let scratch = try Scratch()
        let path = try DatabaseRig.damaged(Self.srum, in: scratch) { data in
            for place in 0..<7 { data[(57 + 1) * 4_096 + 1_000 + place] ^= UInt8(7 + place) }
        }
        let result = await DatabaseRig.db("export", path)
        #expect(result.status == 1 && result.errors.contains("page 57"), "\(result.errors)")
        #expect(result.objects.count > 7_000 && result.objects.count < 7_284)
    }

    // MARK: Verification

    @Test func soundDatabasesAreStatusZero() async throws {
        for sample in [Self.basic, Self.srum] {
            let path = try DatabaseRig.sample(sample)
            let result = await DatabaseRig.db("verify", path)
            #expect(
                result.status == 0 && result.errors.isEmpty && result.output.contains("Nothing is wrong"), "\(result)")
            let json = await DatabaseRig.db("verify", "--json", path)
            let verdict = try #require(json.objects.last)
            #expect(verdict["verdict"] as? String == "sound" && verdict["errors"] as? Int == 0)
        }
    }

    @Test func findingsAreStatusOne() async throws {
        let scratch = try Scratch()
        let path = try DatabaseRig.damaged(Self.srum, in: scratch) { data in
            for place in 0..<7 { data[(57 + 1) * 4_096 + 1_000 + place] ^= UInt8(7 + place) }
        }
        let result = await DatabaseRig.db("verify", "--json", path)
        #expect(result.status == 1, "\(result)")
        let finding = try #require(result.objects.first { $0["finding"] as? String == "page-checksum" })
        #expect(finding["page"] as? Int == 57 && finding["severity"] as? String == "error")
        #expect(result.objects.last?["verdict"] as? String == "damaged")
        let none = await DatabaseRig.db("verify", try scratch.file("text", "no database"))
        #expect(none.status == 2 && none.errors.contains("no ESE database"), "\(none)")
    }

    // MARK: Exit statuses

    @Test func wrongArgumentsAreStatusTwo() async throws {
        let path = try DatabaseRig.sample(Self.basic)
        for (arguments, expected) in [
            ([], "Sub-commands:"), (["tabels", path], "did you mean tables?"), (["tables"], "FILE is missing"),
            (["tables", path, "x"], "an operand too many"), (["dump", path], "TABLE is missing"),
            (["dump", path, "basik"], "did you mean basic?"),
            (["dump", path, "basic", "--columns", "Idd"], "did you mean"),
            (["dump", path, "basic", "--index", "nothing"], "there is no index \"nothing\""),
            (["dump", path, "basic", "--where-key", "x"], "--where-key: \"x\" is no Long"),
            (["dump", path, "basic", "--where-key", "1..2..3"], "two dots twice"),
            (["dump", path, "basic", "--where-key", "9..1"], "ends before it starts"),
            (["dump", "-n", "0", path, "basic"], "takes a number"), (["page", path, "0"], "no page"),
            (["page", path, "0x99999"], "beyond the end"), (["page", path], "PAGE is missing"),
            (["tables", "--hex", path], "unknown option --hex"),
        ] as [([String], String)] {
            let result = await oriel(["db"] + arguments)
            #expect(result.status == 2 && result.errors.contains(expected), "\(arguments): \(result)")
        }
    }

    @Test func filesThatAreNoDatabasesAreStatusTwo() async throws {
        let scratch = try Scratch()
        let text = try scratch.file("text", String(repeating: "no database\n", count: 1_000))
        let empty = try scratch.file("empty", "")
        for path in [text, empty, scratch.path, scratch.path + "/missing"] {
            for command in [["info"], ["tables"], ["schema"], ["dump", "t"], ["page", "4"]] {
                let arguments = ["db", command[0], path] + command.dropFirst()
                let result = await oriel(arguments + ["--json"])
                #expect(result.status == 2 && result.errors.contains(path), "\(arguments): \(result)")
                #expect(result.objects.last?["error"] as? String == "notOpened", "\(result)")
            }
        }
    }

    @Test func damageIsStatusOneAndTheRestIsRead() async throws {
        let scratch = try Scratch()
        // A leaf of SruDbIdMapTable and one bit of another.
        let path = try DatabaseRig.damaged(Self.srum, in: scratch) { data in
            for place in 0..<7 { data[(57 + 1) * 4_096 + 1_000 + place] ^= UInt8(7 + place) }
        }
        let whole = await DatabaseRig.db("tables", "--json", "--count", try DatabaseRig.sample(Self.srum))
        let result = await DatabaseRig.db("tables", "--json", "--count", path)
        #expect(result.status == 1 && result.errors.contains("could not read 1 page"), "\(result)")
        #expect(result.errors.contains("page 57"), "\(result)")
        func rows(_ result: CommandResult) -> [Int] { result.objects.compactMap { $0["rows"] as? Int } }
        #expect(rows(result).count == rows(whole).count)
        #expect(rows(result).reduce(0, +) < 7_284 && rows(result).reduce(0, +) > 6_000)
        let page = await DatabaseRig.db("page", path, "57")
        #expect(page.status == 1 && page.output.contains("wrong: 0x"), "\(page)")
        #expect(page.lines.count > 20)
    }

    @Test func oneWrongBitIsPutRight() async throws {
        let scratch = try Scratch()
        let path = try DatabaseRig.damaged(Self.srum, in: scratch) { data in data[(57 + 1) * 4_096 + 1_000] ^= 4 }
        let result = await DatabaseRig.db("tables", "--count", path)
        #expect(result.status == 0 && result.errors.contains("1 page had a single wrong bit"), "\(result)")
        let page = await DatabaseRig.db("page", "--json", path, "57")
        #expect(page.status == 0 && page.objects.first?["checksum"] as? String == "repaired", "\(page)")
    }

    @Test func dirtyDatabasesAreReadWithOneWarning() async throws {
        let path = try DatabaseRig.sample("srum-belkasoft/dirty/SRUDB.dat")
        let result = await DatabaseRig.db("tables", path)
        #expect(result.status == 0, "\(result)")
        #expect(result.errors.contains("00051") && result.errors.contains("can't replay logs yet"), "\(result)")
        #expect(result.errors.ranges(of: "not shut down cleanly").count == 1)
    }

    @Test func aReaderThatGoesAwayEndsTheCommand() async throws {
        let path = try DatabaseRig.sample(Self.srum)
        let errors = Locked("")
        let console = Console(
            write: { _ throws(IOError) in throw IOError(code: EPIPE, operation: "write to", subject: "standard output")
            },
            writeError: { text in errors.withLock { $0 += text } })
        let status = await Oriel.run(["db", "dump", "-n", "1000", "--json", path, "SruDbIdMapTable"], console: console)
        #expect(status == 141 && errors.withLock { $0 }.isEmpty)
    }
}

/// What needs no database.
@Suite struct DatabaseTextTests {
    @Test func datesAreISO8601() {
        for (days, text) in [
            (0, "1899-12-30T00:00:00"), (46_053.5, "2026-01-31T12:00:00"), (-1.25, "1899-12-29T06:00:00"),
            (44_476.3708333333, "2021-10-07T08:54:00"), (-205_486, "1337-05-24T00:00:00"),
            (Double(bitPattern: 133_497_756_001_230_000), "2024-01-15T07:00:00.123"),
        ] as [(Double, String)] {
            #expect(DatabaseText.date(days) == text)
        }
        #expect(DatabaseText.date(.nan) == nil && DatabaseText.date(1e300) == nil && DatabaseText.date(-1e9) == nil)
    }

    @Test func datesAreReadAsTheyAreWritten() throws {
        for days in [0.0, 46_053.5, -1.25, 60_000.75, -300_000.5, 36_586, 25_569, 44_255.125] {
            let text = try #require(DatabaseText.date(days))
            #expect(ValueParser.days(text) == days, "\(text)")
        }
        for text in ["", "2026", "2026-13-01", "2026-01-32", "2026-01-01T25:00", "yesterday", "2026-01-01T1:2:3:4"] {
            #expect(ValueParser.value(text, .dateTime) == (Double(text).map { .dateTime($0) }), "\(text)")
        }
    }

    @Test func valuesAreParsedByType() {
        #expect(ValueParser.value("0x1F", .unsignedLong) == .unsigned(31))
        #expect(ValueParser.value("-5", .short) == .signed(-5) && ValueParser.value("-5", .unsignedByte) == nil)
        #expect(ValueParser.value("yes", .bit) == .bit(true) && ValueParser.value("2", .bit) == nil)
        #expect(ValueParser.value("0aFF", .binary) == .binary([10, 255]) && ValueParser.value("0a0", .binary) == nil)
        let text = "3f360af1-6766-46dc-9af2-0dacf295c2a1"
        #expect(ValueParser.guid("{\(text.uppercased())}")?.description == text)
        #expect(ValueParser.guid("3f360af1") == nil)
    }

    @Test func rangesAreReadAsWritten() throws {
        typealias Word = KeyRange.Word
        func range(_ text: String) throws -> [[Word]?] {
            let range = try KeyRange(text)
            return [range.lower, range.upper]
        }
        #expect(try range("5") == [[.text("5")], [.text("5")]])
        #expect(try range("1,2..1,9") == [[.text("1"), .text("2")], [.text("1"), .text("9")]])
        #expect(try range("a..") == [[.text("a")], nil] && range("..b") == [nil, [.text("b")]])
        #expect(try range("\"a..b,\"\"c\"\"\"") == [[.text("a..b,\"c\"")], [.text("a..b,\"c\"")]])
        #expect(try range("NULL,\"NULL\"") == [[.null, .text("NULL")], [.null, .text("NULL")]])
        #expect(try range("\"\"..") == [[.text("")], nil] && range("1.5..2.5") == [[.text("1.5")], [.text("2.5")]])
        for text in ["", "..", "a..b..c", "\"a"] { #expect(throws: UsageError.self, "\(text)") { try KeyRange(text) } }
    }

    @Test func namesOfFiles() {
        let names = ExportPlan.fileNames(["a/b", "A:B", "{17F4}", "", "..", "Grüße"], .csv)
        #expect(names == ["a_b.csv", "A_B_2.csv", "{17F4}.csv", "_.csv", "__.csv", "Gr__e.csv"])
    }

    @Test func harmlessOnOneLine() {
        #expect(DatabaseText.text(.text("a\u{1B}[31m\nb\tc")) == "a\\x1b[31m\\nb\\tc")
        #expect(DatabaseText.text(.binary(Array(repeating: 0xAB, count: 40)), limit: 8) == "abababab… (40 bytes)")
        #expect(DatabaseText.size(655_360) == "640 KiB" && DatabaseText.size(1_000) == "1000 bytes")
    }
}
