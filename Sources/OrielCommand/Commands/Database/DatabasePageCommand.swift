// Layer: OrielCommand/Commands/Database. Uses: PageReport. Used by: Command.db.

import ESEFormat
import ESEReader
import JSON

extension Command {
    static let databasePage = Command(
        "db page", "shows a page with its header, nodes, keys and records",
        usage: ["[options] FILE PAGE"],
        explanation: [
            "PAGE counts from 1, in decimal or as 0x...; page 1 is the root of the database's space, page 4 that of the"
                + " catalog. Keys are shown in hexadecimal and, as far as the tree is known and keys hold values,"
                + " decoded;"
                + " records by the columns of their table. What does not fit the format is shown as far as it goes.",
            databaseStatusNote,
        ],
        options: [
            OptionGroup(
                title: "Options",
                options: [
                    Option(flag: nil, "--hex", "the bytes of the page in place of what they mean") { settings in
                        settings.database.isHexadecimal = true
                    },
                    OptionGroup.json,
                ])
        ],
        examples: ["oriel db page SRUDB.dat 4", "oriel db page --hex ntds.dit 0x1f"]
    ) { invocation throws(CommandError) in try invocation.showPage() }
}

extension Invocation {
    fileprivate func showPage() throws(CommandError) -> ExitStatus {
        try expect(atMost: 2)
        let text = try operand(1, "PAGE")
        let parsed = text.lowercased().hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
        guard let value = parsed, value > 0 else {
            throw CommandError(.usage, "\"\(text)\" is no page; pages are numbered from 1 (db info shows the header)")
        }
        let number = PageNumber(value)
        let database = try openDatabase(allowsMissingCatalog: true)
        let bytes: [UInt8]
        do throws(PageProblem) {
            bytes = try database.rawPage(number)
        } catch {
            guard case .beyondEnd = error else {
                throw CommandError(.incomplete, "\(database.name): page \(number) \(error)")
            }
            throw CommandError(
                .usage,
                "page \(number) lies beyond the end of \(database.name), whose last page is \(database.lastPage)",
                kind: .notFound)
        }
        let report = PageReport(database, number, bytes)
        if settings.display.isJSON {
            try console.writeLine(report.json(withBytes: settings.database.isHexadecimal).text)
        } else if settings.database.isHexadecimal {
            for line in Self.hexLines(bytes, from: database.pageSize.fileOffset(of: number)) {
                try console.writeLine(line)
            }
        } else {
            for line in report.lines { try console.writeLine(line) }
        }
        return report.isDamaged ? .incomplete : .success
    }

    /// Sixteen bytes on a line, with their place in the page and in the file; repeated lines are left out.
    private static func hexLines(_ bytes: [UInt8], from offset: UInt64) -> [String] {
        var lines = ["Page bytes at \(DatabaseText.hex(offset)) of the file"]
        var last: ArraySlice<UInt8>?
        var isSkipping = false
        for start in stride(from: 0, to: bytes.count, by: 16) {
            let row = bytes[start..<min(start + 16, bytes.count)]
            if let last, last.elementsEqual(row), start + 16 < bytes.count {
                if !isSkipping { lines.append("*") }
                isSkipping = true
                continue
            }
            isSkipping = false
            last = row
            var digits = ""
            for (place, byte) in row.enumerated() {
                digits += (place == 8 ? "  " : place > 0 ? " " : "") + DatabaseText.hex([byte])
            }
            digits += String(repeating: " ", count: 48 - digits.count)
            let text = row.map { (0x20...0x7E).contains($0) ? String(UnicodeScalar($0)) : "." }.joined()
            lines.append("\(DatabaseText.hex([UInt8(start >> 8), UInt8(start & 0xff)]))  \(digits)  \(text)")
        }
        return lines
    }
}
