// Layer: TidyTests. Used by: Rule.
// Every public declaration has a docstring directly above it; so do cases of public enums and
// requirements of public protocols, which are public without saying so.

extension Rule {
    static let docstrings = Rule("public declarations have docstrings") { tree in
        tree.files.filter { $0.isInSources && $0.isSwift }.flatMap(undocumented)
    }

    private enum Scope { case publicEnum, publicProtocol, other }

    private static func undocumented(_ file: SourceFile) -> [Finding] {
        var findings: [Finding] = []
        var scopes: [Scope] = []
        // The scope that the next brace opens: a declaration's head may span lines.
        var opening = Scope.other
        for (index, line) in file.lines.enumerated() {
            let declaration = Declaration(line.code)
            func report(_ problem: String, _ advice: String) {
                findings.append(Finding(path: file.path, line: line.number, problem: problem, advice: advice))
            }
            let enumCase = scopes.last == .publicEnum && declaration.keyword == "case"
            let requirement = scopes.last == .publicProtocol && !declaration.keyword.isEmpty
            if declaration.isPublic, declaration.keyword == "extension" {
                report("public extension", "Write public on each member")
            } else if declaration.isPublic && !["import", ""].contains(declaration.keyword) || enumCase || requirement,
                !hasDocstring(file.lines, above: index)
            {
                let name = declaration.rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                report(
                    "public \(declaration.keyword) \(name) has no docstring",
                    "Say above it what it does, units and ranges, errors and source")
            }
            if declaration.isPublic, declaration.keyword == "enum" { opening = .publicEnum }
            if declaration.isPublic, declaration.keyword == "protocol" { opening = .publicProtocol }
            if opening == .publicEnum, line.code.contains(#/\{\s*(indirect\s+)?case\b/#) {
                report("a case on the line of its enum can't be documented", "Put each case on a line of its own")
            }
            for character in line.code {
                if character == "{" {
                    scopes.append(opening)
                    opening = .other
                } else if character == "}", !scopes.isEmpty {
                    scopes.removeLast()
                }
            }
        }
        return findings
    }

    /// True when `///` or the end of `/** */` stands above the line, with only attributes between.
    private static func hasDocstring(_ lines: [SourceLine], above index: Int) -> Bool {
        var above = index - 1
        while above >= 0 {
            let code = lines[above].code.trimmingPrefix { $0.isWhitespace }
            let comment = lines[above].comment
            if code.isEmpty {
                return comment.hasPrefix("///") || comment.hasSuffix("*/")
            }
            if code == ")" {
                // The end of an attribute over several lines.
                while above > 0, !lines[above].code.trimmingPrefix(while: \.isWhitespace).hasPrefix("@") { above -= 1 }
            } else if !Declaration(lines[above].code).isOnlyAttributes {
                return false
            }
            above -= 1
        }
        return false
    }
}
