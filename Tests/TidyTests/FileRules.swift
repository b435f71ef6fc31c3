// Layer: TidyTests. Used by: Rule.
// Every source file belongs to a target and every target has sources: nothing lies around uncompiled.

extension Rule {
    /// Folders of C programs that a script of theirs compiles, and the tests run: build-programs.sh.
    static let compiledByScripts = ["Tests/Support/WinSNMPPrograms/"]

    static let compiled = Rule("every source file is compiled") { tree in
        tree.files.filter { $0.path != "Package.swift" }.compactMap { file in
            let isSwift = file.path.hasSuffix(".swift")
            if !isSwift, compiledByScripts.contains(where: { file.path.hasPrefix($0) }) { return nil }
            let owner = tree.manifest.targets.first { file.path.hasPrefix($0.folder + "/") }
            if let owner {
                let inside = file.path.dropFirst(owner.folder.count + 1)
                let isExcluded = owner.excluded.contains { inside == $0 || inside.hasPrefix($0 + "/") }
                guard isExcluded else { return nil }
                return Finding(
                    path: file.path, line: 1, problem: "\(owner.name) excludes this file",
                    advice: "Compile it or delete it")
            }
            return Finding(
                path: file.path, line: 1, problem: "no target compiles this file",
                advice: "Move it to a target's folder, add the target to Package.swift, or delete it")
        }
    }

    static let filled = Rule("every target has code") { tree in
        tree.manifest.targets.compactMap { target in
            let files = tree.files.filter { $0.path.hasPrefix(target.folder + "/") }
            let hasCode = files.contains { file in
                file.lines.contains { line in
                    let declaration = Declaration(line.code)
                    return declaration.keyword != "import" && !line.code.allSatisfy(\.isWhitespace)
                }
            }
            if hasCode { return nil }
            return Finding(
                path: "Package.swift", line: target.line, problem: "the target \(target.name) has no code",
                advice: "Write it or remove the target")
        }
    }
}
