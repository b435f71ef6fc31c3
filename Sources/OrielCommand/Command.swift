// Layer: OrielCommand. Uses: Option. Used by: Oriel, HelpText, the commands.

/// A command: what its help says, which options it takes and what it does.
struct Command: Sendable {
    typealias Body = @Sendable (Invocation) async throws(CommandError) -> ExitStatus

    let name: String
    /// What it does, in a few words.
    let summary: String
    /// The operands, a line for each form.
    let usage: [String]
    /// Paragraphs.
    let explanation: [String]
    let options: [OptionGroup]
    /// Whole command lines.
    let examples: [String]
    /// The commands that stand behind its name; empty for most. Their names start with its own.
    let subcommands: [Command]
    /// Whether it does something without one of them as well.
    let runsAlone: Bool
    let body: Body

    init(
        _ name: String, _ summary: String, usage: [String], explanation: [String], options: [OptionGroup],
        examples: [String], subcommands: [Command] = [], body: @escaping Body
    ) {
        self.name = name
        self.summary = summary
        self.usage = usage
        self.explanation = explanation
        self.options = options
        self.examples = examples
        self.subcommands = subcommands
        runsAlone = true
        self.body = body
    }

    /// A command that only has others behind its name.
    init(_ name: String, _ summary: String, explanation: [String], subcommands: [Command], examples: [String]) {
        self.name = name
        self.summary = summary
        usage = ["SUBCOMMAND [options] [operands]"]
        self.explanation = explanation
        options = []
        self.examples = examples
        self.subcommands = subcommands
        runsAlone = false
        body = { _ throws(CommandError) in throw CommandError(.usage, "a sub-command is missing") }
    }

    /// The last word of the name.
    var lastWord: String { String(name.split(separator: " ").last ?? "") }
}

/// One run of a command.
struct Invocation: Sendable {
    let settings: Settings
    let operands: [String]
    let console: Console

    /// The operand at a position; throws with what is missing.
    func operand(_ position: Int, _ name: String) throws(CommandError) -> String {
        guard position < operands.count else { throw CommandError(.usage, "\(name) is missing") }
        return operands[position]
    }

    /// Throws when there are more operands than `count`.
    func expect(atMost count: Int) throws(CommandError) {
        guard operands.count > count else { return }
        throw CommandError(.usage, "there is an operand too many: \(operands[count])")
    }
}
