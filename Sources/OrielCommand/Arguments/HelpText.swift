// Layer: OrielCommand/Arguments. Uses: Command, Option. Used by: Oriel.
// The help of a command, made from the same tables that its arguments are read by.

/// Writes help texts, at most 80 columns wide.
enum HelpText {
    private static let width = 80
    /// Where the explanations of options begin.
    private static let indentation = 34

    /// The help of one command.
    static func text(of command: Command) -> String {
        var text = "oriel \(command.name): \(command.summary)\n\n"
        for (index, usage) in command.usage.enumerated() {
            let line = wrapped("oriel \(command.name) \(usage)", indentation: 7)
            text += (index == 0 ? "Usage: " : "       ") + line.dropFirst(7)
        }
        for paragraph in command.explanation { text += "\n" + wrapped(paragraph, indentation: 0) }
        if !command.subcommands.isEmpty {
            text += "\nSub-commands:\n"
            for sub in command.subcommands { text += row(sub.lastWord, sub.summary, indentation: 12) }
        }
        for group in command.options where !group.options.isEmpty {
            text += "\n\(group.title):\n"
            for option in group.options { text += row(option.synopsis, option.help) }
        }
        text += "\nExamples:\n"
        for example in command.examples { text += "  \(example)\n" }
        return text
    }

    /// The help of the program.
    static func overview(_ commands: [Command]) -> String {
        var text = "oriel: talks SNMP v1, v2c and v3 with devices, and is one itself; reads ESE databases\n\n"
        text += "Usage: oriel COMMAND [options] [operands]\n\nCommands:\n"
        for command in commands { text += row(command.name, command.summary, indentation: 12) }
        text += "\nOther:\n"
        text += row("help CMD", "the help of a command, as oriel CMD --help", indentation: 13)
        text += row("--version", "the version of this program", indentation: 13)
        text += "\nExit status:\n"
        for (status, meaning) in ExitStatus.meanings { text += row(String(status), meaning, indentation: 8) }
        text += "\n" + wrapped(Command.databaseStatusNote, indentation: 0)
        text += "\nExamples:\n"
        for example in [
            "oriel live", "oriel get 192.0.2.1 sysDescr.0", "oriel walk -c private switch.example ifTable",
            "oriel table -u admin -a SHA-256 -A @auth.key router.example ifTable ifDescr ifOperStatus",
            "oriel db export SRUDB.dat --table SruDbIdMapTable --out ids.csv",
        ] { text += "  \(example)\n" }
        return text
    }

    /// A term and its explanation in two columns; a long term has a line of its own.
    private static func row(_ term: String, _ explanation: String, indentation: Int = indentation) -> String {
        let body = wrapped(explanation, indentation: indentation)
        let head = "  " + term
        guard head.count + 2 <= indentation else { return head + "\n" + body }
        return head + String(repeating: " ", count: indentation - head.count) + body.dropFirst(indentation)
    }

    /// Words in lines that all begin at a column.
    private static func wrapped(_ paragraph: String, indentation: Int) -> String {
        let margin = String(repeating: " ", count: indentation)
        var text = ""
        var line = ""
        for word in paragraph.split(separator: " ") {
            if !line.isEmpty, indentation + line.count + 1 + word.count > width {
                text += margin + line + "\n"
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return text + margin + line + "\n"
    }
}
