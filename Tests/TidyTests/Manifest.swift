// Layer: TidyTests. Used by: the layer and file rules.
// The targets that Package.swift declares, read from its text: tests can't ask SwiftPM while it runs them.

/// One target of Package.swift.
struct ManifestTarget {
    let name: String
    /// The line of Package.swift that names it.
    let line: Int
    let dependencies: [String]
    /// The folder with its sources, from the package root.
    let folder: String
    let isSystemLibrary: Bool
    let isTest: Bool
    /// True for tests and for what they share, which stand outside the layers.
    var isForTests: Bool { isTest || folder.hasPrefix("Tests/") }
    /// Paths below `folder` that the manifest leaves out of the build.
    let excluded: [String]
}

/// The targets of Package.swift.
struct Manifest {
    let targets: [ManifestTarget]

    /// Reads every call in the `targets:` array: its name is the first string, its dependencies the array behind it.
    init(text: String) {
        let source = SourceFile(path: "Package.swift", text: text)
        let joined = Array(source.lines.map(Self.withoutComment).joined(separator: "\n"))
        guard var position = Self.targetsArray(in: joined) else {
            targets = []
            return
        }
        position += 1
        var found: [ManifestTarget] = []
        while position < joined.count, joined[position] != "]" {
            guard joined[position] == "(" else {
                position += 1
                continue
            }
            let end = Self.closing(joined, from: position)
            var nameStart = position
            while nameStart > 0, joined[nameStart - 1].isLetter || joined[nameStart - 1] == "." { nameStart -= 1 }
            let kind = String(joined[nameStart..<position]).lowercased()
            let line = joined[..<position].count { $0 == "\n" } + 1
            if let target = Self.target(kind: kind, arguments: String(joined[(position + 1)..<end]), line: line) {
                found.append(target)
            }
            position = end + 1
        }
        targets = found
    }

    private static func target(kind: String, arguments: String, line: Int) -> ManifestTarget? {
        guard let match = arguments.firstMatch(of: #/^\s*(?:name:\s*)?"([^"]+)"/#) else { return nil }
        let name = String(match.1)
        let rest = arguments[match.range.upperBound...]
        let dependencies = rest.prefixMatch(of: #/\s*,\s*(?:dependencies:\s*)?\[([^\]]*)\]/#)
        let excluded = rest.firstMatch(of: #/exclude:\s*\[([^\]]*)\]/#)
        let path = rest.firstMatch(of: #/path:\s*"([^"]+)"/#)
        let isTest = kind.contains("test")
        return ManifestTarget(
            name: name, line: line, dependencies: strings(in: dependencies?.1 ?? ""),
            folder: path.map { String($0.1) } ?? (isTest ? "Tests/" : "Sources/") + name,
            isSystemLibrary: kind.contains("system"), isTest: isTest, excluded: strings(in: excluded?.1 ?? ""))
    }

    private static func strings(in text: Substring) -> [String] {
        text.matches(of: #/"([^"]*)"/#).map { String($0.1) }
    }

    /// The line with its strings, which hold the names, but without a comment behind it.
    private static func withoutComment(_ line: SourceLine) -> String {
        line.text.hasSuffix(line.comment) ? String(line.text.dropLast(line.comment.count)) : line.code
    }

    /// The bracket that opens the `targets:` argument of `Package(...)` itself; products have such arguments too.
    private static func targetsArray(in text: [Character]) -> Int? {
        let start = Array("= Package("), label = Array("targets:")
        guard let call = text.indices.first(where: { text[$0...].starts(with: start) }) else { return nil }
        var depth = 0
        for position in text.indices[(call + start.count)...] {
            if depth == 0, text[position...].starts(with: label) { return text[position...].firstIndex(of: "[") }
            if text[position] == "(" || text[position] == "[" { depth += 1 }
            if text[position] == ")" || text[position] == "]" { depth -= 1 }
        }
        return nil
    }

    /// The position of the parenthesis that closes the one at `start`; the end of the text if none does.
    private static func closing(_ text: [Character], from start: Int) -> Int {
        var depth = 0
        for position in start..<text.count {
            if text[position] == "(" { depth += 1 }
            if text[position] == ")" { depth -= 1 }
            if depth == 0 { return position }
        }
        return text.count
    }
}
