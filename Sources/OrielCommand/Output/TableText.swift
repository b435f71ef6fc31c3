// Layer: OrielCommand/Output. Used by: TableCommand, LiveScreen, NamesCommand.
// Cells in columns: as wide as needed, numbers to the right, and where a line would not fit, in blocks below each
// other.

/// A table of texts.
struct TableText {
    /// A cell.
    struct Cell {
        let text: String
        let isNumber: Bool

        init(_ text: String, isNumber: Bool = false) {
            // A line end would break the table.
            self.text =
                text.contains(where: \.isNewline)
                ? text.split(whereSeparator: \.isNewline).joined(separator: " ") : text
            self.isNumber = isNumber
        }

        static let empty = Cell("")
    }

    private var titles: [String]
    private(set) var rows: [[Cell]] = []

    init(titles: [String]) { self.titles = titles }

    /// Adds a row; it has as many cells as there are titles.
    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// Leaves out the first column.
    mutating func removeFirstColumn() {
        titles.removeFirst()
        for row in rows.indices { rows[row].removeFirst() }
    }

    /// The lines, no longer than `width` where that is possible. The first column is repeated in each block.
    func lines(width: Int?) -> [String] {
        let widths = titles.indices.map { column in
            rows.reduce(Self.columns(of: titles[column])) { max($0, Self.columns(of: $1[column].text)) }
        }
        // A column is one of numbers if it has nothing else.
        let areNumbers = titles.indices.map { column in
            rows.allSatisfy { $0[column].isNumber || $0[column].text.isEmpty } && rows.contains { $0[column].isNumber }
        }
        var lines: [String] = []
        var next = min(1, titles.count)
        repeat {
            var block = titles.isEmpty ? [] : [0]
            var used = widths.first ?? 0
            while next < titles.count, block.count < 2 || used + 2 + widths[next] <= width ?? .max {
                used += 2 + widths[next]
                block.append(next)
                next += 1
            }
            if !lines.isEmpty { lines.append("") }
            lines.append(line(block.map { titles[$0] }, block, widths, areNumbers))
            for row in rows { lines.append(line(block.map { row[$0].text }, block, widths, areNumbers)) }
        } while next < titles.count
        return lines
    }

    private func line(_ texts: [String], _ block: [Int], _ widths: [Int], _ areNumbers: [Bool]) -> String {
        var line = ""
        for (text, column) in zip(texts, block) {
            if !line.isEmpty || column != block.first { line += "  " }
            let padding = String(repeating: " ", count: max(0, widths[column] - Self.columns(of: text)))
            line += areNumbers[column] ? padding + text : text + padding
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    /// The columns of a terminal that a text takes: its characters, and the wide ones of East Asia twice.
    static func columns(of text: String) -> Int {
        // Nearly all texts are ASCII, where bytes are columns.
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { count, character in
            guard let scalar = character.unicodeScalars.first?.value else { return count }
            let isWide =
                (0x1100...0x115F).contains(scalar) || (0x2E80...0xA4CF).contains(scalar)
                || (0xAC00...0xD7A3).contains(scalar) || (0xF900...0xFAFF).contains(scalar)
                || (0xFE30...0xFE6F).contains(scalar) || (0xFF00...0xFF60).contains(scalar)
                || (0x1F300...0x1FAFF).contains(scalar) || (0x20000...0x3FFFD).contains(scalar)
            return count + (isWide ? 2 : 1)
        }
    }
}
