// Layer: OrielCommand/Arguments. Used by: ArgumentParser, the options and the commands.

/// What is wrong with the arguments, in a sentence that names the option and what to do instead.
struct UsageError: Error, Equatable {
    let message: String

    init(_ message: String) { self.message = message }
}
