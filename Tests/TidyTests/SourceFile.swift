// Layer: TidyTests. Used by: the rules.
// A source file split into lines, each with its code and its comments apart, so that a rule about code
// is not fooled by a word in a comment or a string. Code inside string interpolations counts as code.

import Foundation

/// One line of a source file.
struct SourceLine {
    /// Counted from 1.
    let number: Int
    /// The line as written, without its line break.
    let text: String
    /// The line with comments removed and the contents of string literals blanked out.
    let code: String
    /// The text of the comments on the line, including their slashes.
    let comment: String
}

/// One file of the repository.
struct SourceFile {
    /// The path from the package root, for example `Sources/SNMPCodec/BER.swift`.
    let path: String
    /// The name of the target that compiles the file: by the manifest, or else by the folder; nil outside both.
    let target: String?
    let lines: [SourceLine]

    init(path: String, text: String, manifest: Manifest? = nil) {
        self.path = path
        let parts = path.split(separator: "/")
        let byFolder = parts.count > 2 && ["Sources", "Tests"].contains(parts[0]) ? String(parts[1]) : nil
        target = manifest?.targets.first { path.hasPrefix($0.folder + "/") }?.name ?? byFolder
        var splitter = LineSplitter(text)
        lines = splitter.split()
    }

    var isInSources: Bool { path.hasPrefix("Sources/") }
    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The modules this file imports, with the line of each import.
    var imports: [(module: String, line: Int)] {
        lines.compactMap { line in
            let declaration = Declaration(line.code)
            return declaration.keyword == "import" ? (declaration.importedModule, line.number) : nil
        }
    }
}

/// Splits a text into lines and tells code, comments and string literals apart.
private struct LineSplitter {
    /// What the scanner is inside of; the innermost is last.
    private enum Context: Equatable {
        case code(parentheses: Int)
        case string(hashes: Int, multiline: Bool)
        case blockComment
    }

    private let bytes: [UInt8]
    private var position = 0
    private var contexts: [Context] = [.code(parentheses: 0)]
    private var lineStart = 0
    private var code: [UInt8] = []
    private var comment: [UInt8] = []
    private var lines: [SourceLine] = []

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func split() -> [SourceLine] {
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "\n") {
                endLine()
                continue
            }
            switch contexts[contexts.count - 1] {
            case .code(let parentheses): scanCode(parentheses)
            case .string(let hashes, let multiline): scanString(hashes, multiline)
            case .blockComment: scanBlockComment()
            }
        }
        if lineStart < bytes.count { endLine() }
        return lines
    }

    private func starts(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    private mutating func endLine() {
        // A one-line string can't continue: whatever was left open was not a string after all.
        while contexts.count > 1, case .string(_, false) = contexts[contexts.count - 1] { contexts.removeLast() }
        lines.append(
            SourceLine(
                number: lines.count + 1, text: String(decoding: bytes[lineStart..<position], as: UTF8.self),
                code: String(decoding: code, as: UTF8.self), comment: String(decoding: comment, as: UTF8.self)))
        code.removeAll(keepingCapacity: true)
        comment.removeAll(keepingCapacity: true)
        position += 1
        lineStart = position
    }

    private mutating func scanCode(_ parentheses: Int) {
        if starts("//") {
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
                comment.append(bytes[position])
                position += 1
            }
            return
        }
        if starts("/*") {
            contexts.append(.blockComment)
            take(2, into: \.comment)
            return
        }
        var hashes = 0
        while position + hashes < bytes.count, bytes[position + hashes] == UInt8(ascii: "#") { hashes += 1 }
        if position + hashes < bytes.count, bytes[position + hashes] == UInt8(ascii: "\"") {
            take(hashes, into: \.code)
            let multiline = starts("\"\"\"")
            take(multiline ? 3 : 1, into: \.code)
            contexts.append(.string(hashes: hashes, multiline: multiline))
            return
        }
        let byte = bytes[position]
        take(1, into: \.code)
        if byte == UInt8(ascii: "(") {
            contexts[contexts.count - 1] = .code(parentheses: parentheses + 1)
        } else if byte == UInt8(ascii: ")") {
            // The parenthesis that closes an interpolation leads back into its string.
            if parentheses == 0, contexts.count > 1 {
                contexts.removeLast()
            } else {
                contexts[contexts.count - 1] = .code(parentheses: max(0, parentheses - 1))
            }
        }
    }

    private mutating func scanString(_ hashes: Int, _ multiline: Bool) {
        let rest = bytes[position...]
        if rest.first == UInt8(ascii: "\\"), rest.dropFirst().prefix(hashes).allSatisfy({ $0 == UInt8(ascii: "#") }) {
            let escaped = position + 1 + hashes
            if escaped < bytes.count, bytes[escaped] == UInt8(ascii: "(") {
                take(hashes + 2, into: \.code)
                contexts.append(.code(parentheses: 0))
            } else {
                blank(min(hashes + 2, rest.prefix { $0 != UInt8(ascii: "\n") }.count))
            }
            return
        }
        let quotes = multiline ? 3 : 1
        if rest.prefix(quotes).allSatisfy({ $0 == UInt8(ascii: "\"") }), rest.count >= quotes + hashes,
            rest.dropFirst(quotes).prefix(hashes).allSatisfy({ $0 == UInt8(ascii: "#") })
        {
            take(quotes + hashes, into: \.code)
            contexts.removeLast()
        } else {
            blank(1)
        }
    }

    private mutating func scanBlockComment() {
        if starts("*/") {
            take(2, into: \.comment)
            contexts.removeLast()
        } else if starts("/*") {
            take(2, into: \.comment)
            contexts.append(.blockComment)
        } else {
            take(1, into: \.comment)
        }
    }

    private mutating func take(_ count: Int, into part: WritableKeyPath<LineSplitter, [UInt8]>) {
        let end = min(position + count, bytes.count)
        self[keyPath: part].append(contentsOf: bytes[position..<end])
        position = end
    }

    private mutating func blank(_ count: Int) {
        code.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
        position += max(count, 1)
    }
}
