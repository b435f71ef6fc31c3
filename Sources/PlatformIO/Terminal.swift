// Layer: PlatformIO. Uses: libc. Used by: the programs.
// The terminal: is there one, how wide is it, does it understand colours.

import CLinux

/// One of the three streams that every program starts with.
public enum StandardStream: Int32, Sendable {
    /// What the program reads.
    case input = 0
    /// Where results go.
    case output = 1
    /// Where messages go.
    case error = 2
}

/// Questions about the terminal.
public enum Terminal {
    /// Whether a stream is a terminal and not a file or pipe.
    public static func isTerminal(_ stream: StandardStream) -> Bool { isatty(stream.rawValue) == 1 }

    /// The size of the terminal in characters; nil if the stream is none or doesn't know.
    public static func size(_ stream: StandardStream = .output) -> (columns: Int, rows: Int)? {
        var size = winsize()
        guard oriel_window_size(stream.rawValue, &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Whether to write ANSI escape sequences for colour to a stream: it is a terminal that isn't "dumb", and the user
    /// hasn't set NO_COLOR (no-color.org).
    public static func usesColor(_ stream: StandardStream = .output) -> Bool {
        usesColor(
            isTerminal: isTerminal(stream), term: Program.environment("TERM"),
            noColor: Program.environment("NO_COLOR"))
    }

    /// The rule behind `usesColor`, on values.
    static func usesColor(isTerminal: Bool, term: String?, noColor: String?) -> Bool {
        guard isTerminal, let term, term != "dumb", !term.isEmpty else { return false }
        return noColor?.isEmpty ?? true
    }
}
