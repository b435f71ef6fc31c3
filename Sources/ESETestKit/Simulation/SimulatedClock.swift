// Layer: ESETestKit/Simulation. Uses: ESEEngine (EngineClock), PlatformIO. Used by: tests of the engine.

public import ESEEngine
public import ESEFormat
import PlatformIO
import Primitives

/// Time that passes when it is told to, is slept through or is looked at, and seeded random numbers. From any thread.
public final class SimulatedClock: EngineClock {
    private struct State {
        var nanoseconds: UInt64 = 0
        var random: SeededRandom
    }

    private let state: Locked<State>
    private let tick: UInt64
    private let startSeconds: Int64

    /// Makes a clock that stands at 0.
    /// - Parameters:
    ///   - seed: what the random numbers follow from.
    ///   - tick: the nanoseconds that pass at each look, so that a loop that waits for a moment comes to it.
    ///   - startSeconds: the date at the beginning, in seconds since 1970; by default 2024-01-01.
    public init(seed: UInt64, tick: UInt64 = 100, startSeconds: Int64 = 1_704_067_200) {
        state = Locked(State(random: SeededRandom(seed: seed)))
        self.tick = tick
        self.startSeconds = startSeconds
    }

    /// The simulated date in UTC, to the millisecond.
    public func logTime() -> LogTime {
        let nanoseconds = nanoseconds()
        let seconds = startSeconds + Int64(nanoseconds / 1_000_000_000)
        guard let time = LocalTime(utcSeconds: seconds) else { return .none }
        return LogTime(
            year: time.year, month: time.month, day: time.day, hour: time.hour, minute: time.minute,
            second: time.second, millisecond: Int(nanoseconds / 1_000_000 % 1_000))
    }

    /// The simulated time; it passes by a tick.
    public func nanoseconds() -> UInt64 {
        state.withLock { state in
            state.nanoseconds += tick
            return state.nanoseconds
        }
    }

    /// The next number of the sequence.
    public func random() -> UInt64 { state.withLock { $0.random.next() } }

    /// Returns at once; that much time has passed.
    public func sleep(nanoseconds: UInt64) { advance(nanoseconds: nanoseconds) }

    /// Lets time pass.
    public func advance(nanoseconds: UInt64) { state.withLock { $0.nanoseconds += nanoseconds } }
}
