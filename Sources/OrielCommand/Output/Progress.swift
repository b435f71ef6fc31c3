// Layer: OrielCommand/Output. Uses: PlatformIO (Locked). Used by: WalkCommand, TableCommand.
// One line on the terminal that says how far a long walk is; gone before anything else is written.

import PlatformIO
import Primitives
import SNMPCodec

/// The progress of a walk on standard error. Says nothing unless that is a terminal and more than a second has passed.
final class Progress: Sendable {
    private struct State {
        var rows = 0
        var last: ObjectIdentifier?
        var isShown = false
        var isEnded = false
    }

    private let console: Console
    private let printer: BindingPrinter
    private let start = SystemClock.now
    private let state = Locked(State())

    init(_ console: Console, _ printer: BindingPrinter) {
        self.console = console
        self.printer = printer
    }

    /// Runs `body` with the line on the terminal.
    func during<Result>(_ body: () async throws(CommandError) -> Result) async throws(CommandError) -> Result {
        guard console.isErrorTerminal else { return try await body() }
        let ticker = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(250))
                show()
            }
        }
        defer {
            ticker.cancel()
            end()
        }
        return try await body()
    }

    /// Counts rows and clears the line, because rows are about to be written.
    func received(_ rows: [VarBind]) {
        state.withLock { state in
            state.rows += rows.count
            state.last = rows.last?.name
            clear(&state)
        }
    }

    private func clear(_ state: inout State) {
        if state.isShown { console.writeError("\r\u{1B}[K") }
        state.isShown = false
    }

    private func show() {
        let seconds = (SystemClock.now - start).inSeconds
        guard seconds > 1 else { return }
        state.withLock { state in
            guard !state.isEnded else { return }
            let position = state.last.map { ", at \(printer.name($0))" } ?? ""
            let text = "\(state.rows) rows in \(Int(seconds)) s\(position)"
            console.writeError("\r\u{1B}[K" + String(text.prefix(78)))
            state.isShown = true
        }
    }

    private func end() {
        state.withLock { state in
            state.isEnded = true
            clear(&state)
        }
    }
}
