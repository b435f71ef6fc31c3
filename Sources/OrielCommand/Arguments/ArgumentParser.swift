// Layer: OrielCommand/Arguments. Uses: Option. Used by: Oriel.
// Reads arguments by a table of options. Options and operands may be mixed; `--` ends the options. The argument of a
// short option may be attached (`-v2c`, `-Cr50`), that of a long one follows `=` or stands behind.

import SNMPNames

/// Reads the arguments of one command.
struct ArgumentParser {
    private let options: [Option]
    /// Short forms, longest first, so that `-Cr` goes before `-C`.
    private let shorts: [(form: String, option: Option)]

    init(_ groups: [OptionGroup]) {
        options = groups.flatMap(\.options)
        shorts = options.compactMap { option in option.short.map { ($0, option) } }
            .sorted { $0.0.utf8.count > $1.0.utf8.count }
    }

    /// Applies the options to `settings` and returns the operands.
    func parse(_ arguments: [String], into settings: inout Settings) throws(UsageError) -> [String] {
        var operands: [String] = []
        var position = 0
        while position < arguments.count {
            let argument = arguments[position]
            position += 1
            if argument == "--" { return operands + arguments[position...] }
            guard Self.looksLikeOption(argument) else {
                operands.append(argument)
                continue
            }
            let (option, form, attached) = try find(argument)
            var value = ""
            if option.placeholder != nil {
                if let attached {
                    value = attached
                } else if position < arguments.count {
                    value = arguments[position]
                    position += 1
                } else {
                    throw UsageError("\(form) needs an argument: \(form) \(option.placeholder ?? "")")
                }
            }
            do throws(UsageError) {
                try option.action(&settings, value)
            } catch {
                throw UsageError("\(form): \(error.message)")
            }
        }
        return operands
    }

    /// A hyphen alone and negative numbers are operands.
    private static func looksLikeOption(_ argument: String) -> Bool {
        guard argument.hasPrefix("-"), let second = argument.dropFirst().first else { return false }
        return !second.isNumber && second != "."
    }

    private func find(_ argument: String) throws(UsageError) -> (Option, form: String, attached: String?) {
        if argument.hasPrefix("--") {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let form = String(parts[0])
            guard let option = options.first(where: { $0.long == form }) else { throw unknown(form) }
            guard parts.count == 2 else { return (option, form, nil) }
            guard option.placeholder != nil else { throw UsageError("\(form) takes no argument") }
            return (option, form, String(parts[1]))
        }
        guard let (form, option) = shorts.first(where: { argument.hasPrefix($0.form) }) else { throw unknown(argument) }
        let rest = argument.dropFirst(form.count)
        if rest.isEmpty { return (option, form, nil) }
        guard option.placeholder != nil else { throw unknown(argument) }
        // `-t=5` is a habit from long options.
        return (option, form, String(rest.first == "=" ? rest.dropFirst() : rest))
    }

    private func unknown(_ form: String) -> UsageError {
        // The rest of a short form may be its argument, and that may be a secret.
        let shown = form.hasPrefix("--") ? form : String(form.prefix(2))
        let nearest = Suggestions.nearest(to: shown, among: options.map(\.long) + shorts.map(\.form))
        let hint =
            form.hasPrefix("--") && !nearest.isEmpty
            ? "; did you mean \(nearest.joined(separator: " or "))?"
            : "; if it is a value and no option, put -- before the operands"
        return UsageError("unknown option \(shown)" + hint)
    }
}
