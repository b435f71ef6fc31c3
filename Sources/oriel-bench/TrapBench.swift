// Receiving traps until enough have come or none comes any more.

import Dispatch
import PlatformIO
import Primitives
import SNMP
import SNMPEngine
import Synchronization

enum TrapBench {
    static func run(_ options: Options) throws -> Measurement {
        let address = try AddressResolver.numeric(options.agent, defaultPort: 162)
        let listener = try NotificationListener(.init([ServiceEndpoint(address)]))
        let received = Atomic<Int>(0)
        let bindings = Atomic<Int>(0)
        let first = DispatchSemaphore(value: 0)
        let all = DispatchSemaphore(value: 0)
        let cpu = SystemClock.processCPUTime
        listener.start { notification in
            bindings.add(notification.variableBindings.count, ordering: .relaxed)
            let count = received.add(1, ordering: .relaxed).newValue
            if count == 1 { first.signal() }
            if count == options.count { all.signal() }
        }
        first.wait()
        let wall = SystemClock.now
        // Over when all have come, or when a second passed without one.
        var last = -1
        while all.wait(timeout: .now() + .seconds(1)) == .timedOut {
            let now = received.load(ordering: .relaxed)
            if now == last { break }
            last = now
        }
        var measurement = Measurement()
        measurement.wall = SystemClock.now - wall
        measurement.cpu = SystemClock.processCPUTime - cpu
        measurement.requests = received.load(ordering: .relaxed)
        measurement.varbinds = bindings.load(ordering: .relaxed)
        measurement.errors = max(0, options.count - measurement.requests)
        let statistics = listener.statistics
        measurement.extra = [
            ("kernel_drops", "\(statistics.kernelDrops)"), ("malformed", "\(statistics.receiver.malformed)"),
        ]
        listener.close()
        return measurement
    }
}
