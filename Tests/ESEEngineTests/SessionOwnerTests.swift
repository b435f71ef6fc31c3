// Which thread may go on with a transaction.

import ESEEngine
import Testing

@Suite struct SessionOwnerTests {
    enum Step: Sendable {
        case set(UInt, thread: UInt, Int32)
        case reset(thread: UInt, Int32)
        case begin(thread: UInt)
        case check(thread: UInt, Int32)
    }

    static let cases: [(String, [Step])] = [
        (
            "without a context a transaction is its thread's",
            [.begin(thread: 1), .check(thread: 1, 0), .check(thread: 2, -1910)]
        ),
        ("outside a transaction any thread begins", [.begin(thread: 1), .begin(thread: 2), .check(thread: 2, 0)]),
        ("0 is no context", [.set(0, thread: 1, -1003)]),
        ("the sentinel is no context", [.set(.max, thread: 1, -1003)]),
        ("a context is set once", [.set(5, thread: 1, 0), .set(5, thread: 1, -1912), .set(6, thread: 2, -1912)]),
        ("no context to reset", [.reset(thread: 1, -1913)]),
        ("only who set it resets it", [.set(5, thread: 1, 0), .reset(thread: 2, -1913), .reset(thread: 1, 0)]),
        (
            "a transaction moves with its context",
            [
                .set(5, thread: 1, 0), .begin(thread: 1), .check(thread: 2, -1910), .reset(thread: 1, 0),
                .check(thread: 1, -1910), .set(5, thread: 2, 0), .check(thread: 2, 0), .check(thread: 1, -1910),
            ]
        ),
        (
            "another context doesn't take it",
            [
                .set(5, thread: 1, 0), .begin(thread: 1), .reset(thread: 1, 0), .set(6, thread: 2, 0),
                .check(thread: 2, -1910),
            ]
        ),
        (
            "a context set after the beginning changes nothing",
            [.begin(thread: 1), .set(5, thread: 2, 0), .check(thread: 1, 0), .check(thread: 2, -1910)]
        ),
    ]

    @Test(arguments: cases) func stepsGiveTheirCodes(_ name: String, _ steps: [Step]) {
        var owner = SessionOwner()
        for (index, step) in steps.enumerated() {
            switch step {
            case .set(let value, let thread, let code):
                #expect(
                    number { () throws(JetError) in try owner.setContext(value, thread: thread) } == code, "\(index)")
            case .reset(let thread, let code):
                #expect(number { () throws(JetError) in try owner.resetContext(thread: thread) } == code, "\(index)")
            case .begin(let thread): owner.beginTransaction(thread: thread)
            case .check(let thread, let code):
                #expect(number { () throws(JetError) in try owner.check(thread: thread) } == code, "\(index)")
            }
        }
    }

    @Test func endingNeedsNoContext() throws {
        var owner = SessionOwner()
        try owner.setContext(5, thread: 1)
        #expect(number { () throws(JetError) in try owner.lockForEnd(thread: 1) } == -1914)
        try owner.resetContext(thread: 1)
        try owner.lockForEnd(thread: 1)
        #expect(number { () throws(JetError) in try owner.setContext(7, thread: 1) } == -1912)
        owner.unlockAfterFailedEnd()
        try owner.setContext(7, thread: 1)
    }

    @Test func whoeverEndsASessionEndsATransactionWhoseContextWasReset() throws {
        var owner = SessionOwner()
        try owner.setContext(5, thread: 1)
        owner.beginTransaction(thread: 1)
        try owner.resetContext(thread: 1)
        try owner.lockForEnd(thread: 2)
        try owner.check(thread: 2)
    }
}
