// Layer: OrielCommand/Settings. Uses: Option, Settings. Used by: the commands.

extension OptionGroup {
    /// How bindings are printed.
    static let display = OptionGroup(title: "Output", options: [format, json])

    static let format = Option(
        "-O", "--output", "LETTERS",
        "n numeric names, f full paths, s without the module, S with it (default), X indexes in brackets, q values"
            + " without types, Q the same with =, v values only, e numbers for labels, t ticks as numbers, U no"
            + " units, x octets in hexadecimal"
    ) { settings, text throws(UsageError) in try settings.display.apply(text) }

    static let json = Option(flag: nil, "--json", "one JSON object per line; docs/commands.md lists the fields") {
        settings in
        settings.display.isJSON = true
    }

    static let verbose = Option(flag: "-V", "--verbose", "report on standard error how it went, in any case") {
        settings in
        settings.isVerbose = true
    }

    static let count = Option("-N", "--count", "NUMBER", "stop after so many") { settings, text throws(UsageError) in
        settings.count = try number(text, 1...Int(Int32.max))
    }
}
