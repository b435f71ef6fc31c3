// Layer: OrielCommand. Uses: the commands. Used by: the program oriel, tests.

import JSON
import PlatformIO
import SNMPNames

/// The program.
public enum Oriel {
    /// Its version, after semantic versioning.
    public static let version = "0.1.0"

    static let commands: [Command] = [
        .get, .next, .bulk, .walk, .table, .set, .trap, .inform, .listen, .agent, .live,
        .station, .names, .winsnmp, .db,
    ]

    /// The commands with those that stand behind the names of others.
    static var allCommands: [Command] { commands.flatMap { [$0] + $0.subcommands } }

    /// Runs a command line and returns the exit status.
    ///
    /// Cancelling the task ends the command as Control-C does: a walk ends with its verdict, a listener with its
    /// statistics.
    /// - Parameters:
    ///   - arguments: the arguments without the program's name.
    ///   - console: where to write.
    public static func run(_ arguments: [String], console: Console) async -> Int32 {
        do throws(CommandError) {
            let status = try await dispatch(arguments, console)
            try console.flushOutput()
            return status.rawValue
        } catch {
            // What was written before the failure comes first. If even that fails, the failure is the news.
            try? console.flush()
            if !error.message.isEmpty { console.note(error.message) }
            return error.status.rawValue
        }
    }

    private static func dispatch(_ arguments: [String], _ console: Console) async throws(CommandError) -> ExitStatus {
        guard let first = arguments.first else {
            console.writeError(HelpText.overview(commands))
            return .usage
        }
        switch first {
        case "--help", "-h":
            try console.writeLine(String(HelpText.overview(commands).dropLast()))
            return .success
        case "--version", "-V":
            try console.writeLine("oriel \(version)")
            return .success
        case "help":
            guard arguments.count > 1 else {
                try console.writeLine(String(HelpText.overview(commands).dropLast()))
                return .success
            }
            var command = try command(arguments[1])
            if arguments.count > 2, !command.subcommands.isEmpty { command = try subcommand(arguments[2], of: command) }
            try console.writeLine(String(HelpText.text(of: command).dropLast()))
            return .success
        default:
            let command = try command(first)
            let isAlone = command.runsAlone && arguments.dropFirst().first?.hasPrefix("-") ?? true
            guard !command.subcommands.isEmpty, !isAlone else {
                return try await run(command, Array(arguments.dropFirst()), console)
            }
            guard arguments.count > 1 else {
                console.writeError(HelpText.text(of: command))
                return .usage
            }
            guard !["--help", "-h", "help"].contains(arguments[1]) else {
                try console.writeLine(String(HelpText.text(of: command).dropLast()))
                return .success
            }
            return try await run(try subcommand(arguments[1], of: command), Array(arguments.dropFirst(2)), console)
        }
    }

    private static func command(_ name: String) throws(CommandError) -> Command {
        if let command = commands.first(where: { $0.name == name }) { return command }
        let nearest = Suggestions.nearest(to: name, among: commands.map(\.name))
        let hint = nearest.isEmpty ? "oriel --help lists the commands" : "did you mean \(nearest[0])?"
        throw CommandError(.usage, "unknown command \(name); \(hint)")
    }

    private static func subcommand(_ name: String, of command: Command) throws(CommandError) -> Command {
        if let found = command.subcommands.first(where: { $0.lastWord == name }) { return found }
        let nearest = Suggestions.nearest(to: name, among: command.subcommands.map(\.lastWord))
        let hint = nearest.isEmpty ? "oriel \(command.name) --help lists them" : "did you mean \(nearest[0])?"
        throw CommandError(.usage, "\(command.name): unknown sub-command \(name); \(hint)")
    }

    private static func run(
        _ command: Command, _ arguments: [String], _ console: Console
    ) async throws(CommandError) -> ExitStatus {
        if arguments.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
            try console.writeLine(String(HelpText.text(of: command).dropLast()))
            return .success
        }
        var settings = Settings()
        let operands: [String]
        do throws(UsageError) {
            operands = try ArgumentParser(command.options).parse(arguments, into: &settings)
        } catch {
            throw CommandError(.usage, "\(command.name): \(error.message)")
        }
        do throws(CommandError) {
            return try await command.body(Invocation(settings: settings, operands: operands, console: console))
        } catch {
            if settings.display.isJSON, error.status != .brokenPipe {
                try? console.writeLine(JSONObject.failure(error).text)
            }
            guard error.kind == .usage else { throw error }
            throw CommandError(.usage, "\(command.name): \(error.message) (oriel \(command.name) --help shows how)")
        }
    }
}
