// The same GETs through the asynchronous functions of module SNMP: each chain is a task.

import Dispatch
import PlatformIO
import Primitives
import SNMP
import SNMPCodec

/// Keeps `window` tasks going, each of which awaits one answer after the other.
enum AsyncBench {
    static func get(_ options: Options) throws -> Measurement {
        let manager = try SNMPManager()
        var profile = TargetProfile()
        profile.window = options.window
        let target = try manager.target(try options.configuration(), profile: profile)
        let columns: [UInt32] = [10, 11, 13, 14, 15, 16, 17, 19, 20, 5]
        let names = columns.map { [1, 3, 6, 1, 2, 1, 2, 2, 1, $0, 1] as ObjectIdentifier }
        _ = try waiting { try await target.get([names[0]]) }
        var measurement = Measurement()
        let wall = SystemClock.now
        let cpu = SystemClock.processCPUTime
        let share = max(1, options.count / options.window)
        let counts = try waiting {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<options.window {
                    group.addTask {
                        var varbinds = 0
                        for _ in 0..<share { varbinds += try await target.get(names).count }
                        return varbinds
                    }
                }
                return try await group.reduce(0, +)
            }
        }
        measurement.wall = SystemClock.now - wall
        measurement.cpu = SystemClock.processCPUTime - cpu
        measurement.requests = share * options.window
        measurement.varbinds = counts
        return measurement
    }

    /// Runs asynchronous work to its end.
    private static func waiting<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let result = Locked<Result<Value, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task {
            let value: Result<Value, any Error>
            do { value = .success(try await body()) } catch { value = .failure(error) }
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        guard let value = result.withLock({ $0 }) else { throw BenchFailure("nothing came") }
        return try value.get()
    }
}
