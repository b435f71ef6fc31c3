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
    let body: Body

    init(
        _ name: String, _ summary: String, usage: [String], explanation: [String], options: [OptionGroup],
        examples: [String], body: @escaping Body
    ) {
        self.name = name
        self.summary = summary
        self.usage = usage
        self.explanation = explanation
        self.options = options
        self.examples = examples
        self.body = body
    }
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
