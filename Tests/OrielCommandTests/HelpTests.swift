import Foundation
import Testing

@testable import OrielCommand

/// The help texts as files, so that a change of an option shows in review. ORIEL_RECORD=1 writes them anew.
@Suite struct HelpTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Help"
    private static let isRecording = ProcessInfo.processInfo.environment["ORIEL_RECORD"] == "1"

    private func check(_ text: String, _ name: String) throws {
        let path = "\(Self.folder)/\(name).txt"
        if Self.isRecording { try text.write(toFile: path, atomically: true, encoding: .utf8) }
        let stored = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == stored, "oriel \(name) --help changed; if that is meant, run the tests with ORIEL_RECORD=1")
    }

    @Test(arguments: Oriel.allCommands.map(\.name))
    func helpIsAsStored(name: String) throws {
        let command = try #require(Oriel.allCommands.first { $0.name == name })
        try check(HelpText.text(of: command), name.replacing(" ", with: "-"))
    }

    @Test func overviewIsAsStored() throws { try check(HelpText.overview(Oriel.commands), "overview") }

    @Test(arguments: Oriel.allCommands.map(\.name))
    func helpFitsATerminal(name: String) throws {
        let command = try #require(Oriel.allCommands.first { $0.name == name })
        let lines = HelpText.text(of: command).split(separator: "\n")
        for line in lines where !line.hasPrefix("  oriel") { #expect(line.count <= 80, "\(line)") }
    }

    /// Every example must at least be understood: its options exist there.
    @Test(arguments: Oriel.allCommands.map(\.name))
    func examplesParse(name: String) throws {
        let command = try #require(Oriel.allCommands.first { $0.name == name })
        #expect(!command.examples.isEmpty)
        for example in command.examples {
            let line = example.prefix { $0 != "|" && $0 != ">" }
            let words = line.split(separator: " ").map { String($0).replacing("'", with: "") }
            let start = ["oriel"] + name.split(separator: " ").map(String.init)
            #expect(Array(words.prefix(start.count)) == start)
            var settings = Settings()
            var (rest, options) = (Array(words.dropFirst(start.count)), command.options)
            if !command.subcommands.isEmpty, !command.runsAlone || rest.first?.hasPrefix("-") == false {
                let word = rest.removeFirst()
                options = try #require(command.subcommands.first { $0.lastWord == word }).options
            }
            _ = try ArgumentParser(options).parse(rest, into: &settings)
        }
    }
}
