// Layer: OrielCommand/Output. Uses: PlatformIO (SystemClock). Used by: the sub-commands of db.
// One line on the terminal that says how far a long piece of work is; gone before anything else is written.

import PlatformIO
import Primitives

/// The progress of work on one thread. Says nothing unless standard error is a terminal and a second has passed.
final class WorkProgress {
    private let console: Console
    private var next: Instant
    private var calls: UInt8 = 0
    private var isShown = false
    private let mask: UInt8

    /// - Parameter isSeldom: whether each call stands for much work, not for a single row.
    init(_ console: Console, isSeldom: Bool = false) {
        mask = isSeldom ? 0 : 63
        self.console = console
        next = SystemClock.now + .milliseconds(1_000)
    }

    /// Shows a line if it is time for one; cheap enough to be called for every row.
    func show(_ text: () -> String) {
        guard console.isErrorTerminal else { return }
        // The clock costs more than a row.
        calls &+= 1
        guard calls & mask == 0, SystemClock.now > next else { return }
        next = SystemClock.now + .milliseconds(250)
        console.writeError("\r\u{1B}[K" + String(DatabaseText.oneLine(text()).prefix(78)))
        isShown = true
    }

    /// Takes the line away.
    func clear() {
        if isShown { console.writeError("\r\u{1B}[K") }
        isShown = false
    }
}
