// Layer: TidyTests. Used by: RepositoryTests, RuleTests.
// A rule of the house style that a program can check. Each is tried on bad sources in RuleTests.

import Testing

/// A check of the whole tree.
struct Rule: Sendable, CustomTestStringConvertible {
    /// The rule in words.
    let name: String
    let check: @Sendable (Tree) -> [Finding]

    init(_ name: String, _ check: @escaping @Sendable (Tree) -> [Finding]) {
        self.name = name
        self.check = check
    }

    var testDescription: String { name }

    static let all: [Rule] = [
        layers, seams, usedDependencies, traps, compiled, filled, docstrings, width, leftovers, unsafe,
    ]
}
