// Layer: SNMPTestKit. Used by: SimulatedNetwork.

import Primitives

/// A datagram that arrives at some time.
struct SimulatedEvent {
    var time: Instant
    var octets: [UInt8]
    /// The agent's side: where the datagram goes, or where it comes from.
    var address: SocketAddress
    var isForManager: Bool
    /// Order among events of the same time.
    var number = 0
}

/// Events by their time, and in the order they were added where that is the same: a binary heap.
struct EventQueue {
    private var heap: [SimulatedEvent] = []
    private var added = 0

    var nextTime: Instant? { heap.first?.time }

    mutating func add(_ event: SimulatedEvent) {
        var event = event
        added += 1
        event.number = added
        heap.append(event)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(child, parent) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> SimulatedEvent? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func isBefore(_ a: Int, _ b: Int) -> Bool {
        heap[a].time == heap[b].time ? heap[a].number < heap[b].number : heap[a].time < heap[b].time
    }
}
