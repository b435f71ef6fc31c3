// Layer: SNMPEngine. Used by: Walk.
// The way around a name after which an agent fails, or at which it loops: a short ladder of questions, each of which
// steps over a little more. What may have been left out is noted in the verdict.

import SNMPCodec

/// A search for a way on from a name where GETNEXT fails or leads back.
struct Detour: Sendable {
    let column: Int
    /// What GETNEXT from the name gave; nil for names that were there before.
    let cause: PartialCause?
    /// The last good name.
    let start: ObjectIdentifier
    let root: ObjectIdentifier
    private var rung = Rung.below
    /// Whether the agent failed at a name that was stepped over.
    private var metFailure = false
    /// The name to ask from, or for.
    private(set) var question: ObjectIdentifier

    private enum Rung: Int, CaseIterable {
        /// GETNEXT from the first name below the last good one, which steps over nothing.
        case below
        /// GET of the name's next sibling, then GETNEXT from there.
        case sibling, afterSibling
        /// The same with the sibling after that.
        case secondSibling, afterSecondSibling
        /// GETNEXT from the next column; from its row 1, if it is its first row that fails; from the column after that.
        case nextColumn, nextColumnFirstRow, secondNextColumn
    }

    /// Nil if there is no way to try: before the first row, any step could leave out anything.
    init?(_ column: Walk.Column, number: Int, _ cause: PartialCause?) {
        guard column.hasRows else { return nil }
        self.column = number
        self.cause = cause
        start = column.position
        root = column.root
        question = start
        if start.count < ObjectIdentifier.maximumArcCount {
            question.append(0)
        } else {
            guard let sibling = Detour.sibling(of: start, below: root) else { return nil }
            rung = .sibling
            question = sibling
        }
    }

    /// Whether to GET the name itself rather than what follows it.
    var isExact: Bool { rung == .sibling || rung == .secondSibling }

    /// Whether rows may be missing when the present question leads on. The name just below the last good one and its
    /// next sibling leave nothing out.
    var mayHaveSkipped: Bool {
        switch rung {
        case .below, .sibling: false
        case .afterSibling, .secondSibling, .afterSecondSibling: metFailure || cause != nil
        case .nextColumn, .nextColumnFirstRow, .secondNextColumn: true
        }
    }

    /// Goes on to the next question; false if there is none left.
    mutating func climb(afterFailure: Bool) -> Bool {
        if afterFailure, rung != .below { metFailure = true }
        while let next = Rung(rawValue: rung.rawValue + 1) {
            rung = next
            let name: ObjectIdentifier? =
                switch next {
                case .below: nil
                case .sibling: Detour.sibling(of: start, below: root)
                case .secondSibling: Detour.sibling(of: question, below: root)
                case .afterSibling, .afterSecondSibling: question
                case .nextColumn: nextColumn
                case .nextColumnFirstRow: nextColumn?.appending(1)
                case .secondNextColumn: nextColumn.flatMap { Detour.sibling(of: $0, below: root) }
                }
            guard let name else { continue }
            question = name
            return true
        }
        return false
    }

    private var nextColumn: ObjectIdentifier? { Detour.sibling(of: start.prefix(start.count - 1), below: root) }

    /// The next sibling of a name, if it is below the root like the name.
    private static func sibling(of name: ObjectIdentifier, below root: ObjectIdentifier) -> ObjectIdentifier? {
        guard name.count > root.count, let sibling = name.nextSibling, sibling.count == name.count,
            sibling.starts(with: root)
        else { return nil }
        return sibling
    }
}

extension Walk {
    /// GETNEXT from the position of a column gives `cause`, or names that were there before: looks for a way around.
    mutating func beginDetour(_ column: Int, _ cause: PartialCause?) {
        skips += 1
        guard skips <= options.maximumSkips, let detour = Detour(columns[column], number: column, cause) else {
            giveUp(column, cause)
            return
        }
        mode = .detour(detour)
    }

    mutating func tryNext(_ detour: Detour, afterFailure: Bool) {
        var detour = detour
        if detour.climb(afterFailure: afterFailure) {
            mode = .detour(detour)
        } else {
            giveUp(detour.column, detour.cause)
        }
    }

    mutating func endDetour(_ detour: Detour) {
        if detour.mayHaveSkipped { skippedAfter.append(detour.start) }
        mode = .normal
    }

    private mutating func giveUp(_ column: Int, _ cause: PartialCause?) {
        if let cause {
            finish(.partial(cause, last: lastName))
        } else {
            finish(.loop(at: columns[column].position))
        }
    }
}
