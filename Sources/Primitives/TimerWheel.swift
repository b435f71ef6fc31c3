// Layer: Primitives. Used by: engines with many deadlines at once.
// A hashed timing wheel: scheduling and cancelling cost the same however many timers run, which a heap with lazy
// deletion can't say when nearly every timer is cancelled (replies arrive) long before it is due.

/// Deadlines for small integers (slot numbers), one each.
///
/// Time is cut into ticks of about 4 ms; a timer fires at the end of the tick its deadline falls into, so up to one
/// tick late and never early.
public struct TimerWheel: Sendable {
    /// Nanoseconds in a tick, as a power of two.
    private static let tickShift: Int64 = 22
    private static let bucketCount = 1_024

    private var heads = [Int32](repeating: -1, count: TimerWheel.bucketCount)
    private var occupied = [UInt64](repeating: 0, count: TimerWheel.bucketCount / 64)
    private var nodes: [Node] = []
    /// The first tick that has not been fully expired.
    private var currentTick: Int64
    /// The number of timers that run.
    public private(set) var count = 0

    private struct Node {
        var deadlineTick: Int64 = -1
        var next: Int32 = -1
        var previous: Int32 = -1
    }

    /// A wheel whose time begins at `start`.
    public init(start: Instant) {
        currentTick = start.nanoseconds >> TimerWheel.tickShift
    }

    /// Lets timer `id` (0 or more) fire at `deadline`; replaces its earlier deadline.
    public mutating func schedule(_ id: Int, at deadline: Instant) {
        precondition(id >= 0 && id < Int(Int32.max))
        if id < nodes.count {
            cancel(id)
        } else {
            nodes.append(contentsOf: repeatElement(Node(), count: id + 1 - nodes.count))
        }
        let tick = max(deadline.nanoseconds >> TimerWheel.tickShift, currentTick)
        let bucket = Int(tick & Int64(TimerWheel.bucketCount - 1))
        let head = heads[bucket]
        nodes[id] = Node(deadlineTick: tick, next: head, previous: -1)
        if head >= 0 { nodes[Int(head)].previous = Int32(id) }
        heads[bucket] = Int32(id)
        occupied[bucket >> 6] |= 1 << UInt64(bucket & 63)
        count += 1
    }

    /// Stops timer `id`; nothing happens if it does not run.
    public mutating func cancel(_ id: Int) {
        guard id < nodes.count, nodes[id].deadlineTick >= 0 else { return }
        let node = nodes[id]
        let bucket = Int(node.deadlineTick & Int64(TimerWheel.bucketCount - 1))
        if node.previous >= 0 {
            nodes[Int(node.previous)].next = node.next
        } else {
            heads[bucket] = node.next
            if node.next < 0 { occupied[bucket >> 6] &= ~(1 << UInt64(bucket & 63)) }
        }
        if node.next >= 0 { nodes[Int(node.next)].previous = node.previous }
        nodes[id].deadlineTick = -1
        count -= 1
    }

    /// Stops all timers that are due at `now` and adds their numbers to `due`, in no particular order.
    public mutating func expire(at now: Instant, into due: inout [Int]) {
        // A tick is over when the clock has reached its end.
        let endTick = now.nanoseconds >> TimerWheel.tickShift
        guard endTick > currentTick else { return }
        if count > 0 {
            let last = min(endTick, currentTick + Int64(TimerWheel.bucketCount))
            var tick = currentTick
            while tick < last, count > 0 {
                let bucket = Int(tick & Int64(TimerWheel.bucketCount - 1))
                var id = heads[bucket]
                while id >= 0 {
                    let next = nodes[Int(id)].next
                    if nodes[Int(id)].deadlineTick < endTick {
                        cancel(Int(id))
                        due.append(Int(id))
                    }
                    id = next
                }
                tick += 1
            }
        }
        currentTick = endTick
    }

    /// When `expire` should be called next; nil when no timer runs. Never later than a due timer's firing time; may be
    /// earlier when the next deadline is more than four seconds away.
    public var nextDeadline: Instant? {
        guard count > 0 else { return nil }
        let first = Int(currentTick & Int64(TimerWheel.bucketCount - 1))
        var distance = 0
        while distance < TimerWheel.bucketCount {
            let bucket = (first + distance) & (TimerWheel.bucketCount - 1)
            let word = occupied[bucket >> 6] >> UInt64(bucket & 63)
            if word != 0 {
                distance += word.trailingZeroBitCount
                let tick = currentTick + Int64(min(distance, TimerWheel.bucketCount - 1))
                return Instant(nanoseconds: (tick + 1) << TimerWheel.tickShift)
            }
            distance += 64 - (bucket & 63)
        }
        return nil
    }
}
