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

    @Test(arguments: Oriel.commands.map(\.name))
    func helpIsAsStored(name: String) throws {
        let command = try #require(Oriel.commands.first { $0.name == name })
        try check(HelpText.text(of: command), name)
    }

    @Test func overviewIsAsStored() throws { try check(HelpText.overview(Oriel.commands), "overview") }

    @Test(arguments: Oriel.commands.map(\.name))
    func helpFitsATerminal(name: String) throws {
        let command = try #require(Oriel.commands.first { $0.name == name })
        let lines = HelpText.text(of: command).split(separator: "\n")
        for line in lines where !line.hasPrefix("  oriel") { #expect(line.count <= 80, "\(line)") }
    }

    /// Every example must at least be understood: its options exist there.
    @Test(arguments: Oriel.commands.map(\.name))
    func examplesParse(name: String) throws {
        let command = try #require(Oriel.commands.first { $0.name == name })
        #expect(!command.examples.isEmpty)
        for example in command.examples {
            let line = example.prefix { $0 != "|" && $0 != ">" }
            let words = line.split(separator: " ").map { String($0).replacing("'", with: "") }
            #expect(Array(words.prefix(2)) == ["oriel", name])
            var settings = Settings()
            _ = try ArgumentParser(command.options).parse(Array(words.dropFirst(2)), into: &settings)
        }
    }
}
