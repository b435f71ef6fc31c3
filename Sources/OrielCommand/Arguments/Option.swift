// Layer: OrielCommand/Arguments. Uses: Settings. Used by: ArgumentParser, HelpText, the tables of options.
// One row of a table of options. Parser and help text both read it, so that the help never lies.

/// An option: how it is written, what the help says about it, and what it does.
struct Option: Sendable {
    /// What an option does with its argument; the text is empty for an option without one.
    typealias Action = @Sendable (inout Settings, String) throws(UsageError) -> Void

    /// The short form: `-c`, or with two letters `-Cr`; nil if there is none.
    let short: String?
    /// The long form, such as `--community`.
    let long: String
    /// What the help calls the argument; nil for an option without one.
    let placeholder: String?
    /// What the option does, in words.
    let help: String
    let action: Action

    /// An option with an argument.
    init(
        _ short: String?, _ long: String, _ placeholder: String, _ help: String, action: @escaping Action
    ) {
        self.short = short
        self.long = long
        self.placeholder = placeholder
        self.help = help
        self.action = action
    }

    /// An option without an argument.
    init(flag short: String?, _ long: String, _ help: String, set: @escaping @Sendable (inout Settings) -> Void) {
        self.short = short
        self.long = long
        placeholder = nil
        self.help = help
        action = { settings, _ in set(&settings) }
    }

    /// The forms as the help shows them: `-c, --community COMMUNITY`.
    var synopsis: String {
        let forms = (short.map { $0 + ", " } ?? "    ") + long
        return placeholder.map { forms + " " + $0 } ?? forms
    }
}

/// Options that belong together, under a heading of the help.
struct OptionGroup: Sendable {
    let title: String
    let options: [Option]
}
