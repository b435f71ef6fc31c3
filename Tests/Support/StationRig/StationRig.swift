// Layer: StationRig, for tests. Used by: StationTests, StationWebTests, OrielCommandTests.
// A station in a directory of its own, and waiting for what comes.

import PlatformIO
import Primitives
public import Station
import StationStore

/// A directory of its own for one test, removed with everything in it at the end.
public final class TemporaryDirectory: Sendable {
    /// Its path.
    public let path: String

    /// Makes it.
    public init() throws {
        path = "/tmp/oriel-station-\(Program.id)-\(UInt64.random(in: 0...UInt64.max))"
        try FileAccess.createDirectory(path, mode: 0o700)
    }

    deinit { Self.removeAll(path) }

    private static func removeAll(_ path: String) {
        for name in (try? FileAccess.list(path)) ?? [] { removeAll(path + "/" + name) }
        try? FileAccess.remove(path)
    }
}

/// A station that runs on loopback ports of its own.
public final class StationRig: Sendable {
    /// Its data.
    public let directory: TemporaryDirectory
    /// The station.
    public let station: Station

    /// Opens it; `start` makes it run.
    public init(
        _ directory: TemporaryDirectory? = nil, change: (inout StationOptions) -> Void = { _ in }
    ) throws {
        let directory = try directory ?? TemporaryDirectory()
        var options = StationOptions(directory: directory.path)
        options.trapPort = 0
        options.receivesTrapsOnLoopbackOnly = true
        options.ownInterval = 1_000
        options.store.cacheByteCount = 8 << 20
        change(&options)
        self.directory = directory
        station = try Station.open(options)
    }

    deinit { try? station.stop() }

    /// Makes it run.
    public func start() throws { try station.start { _ in } }

    /// Waits until something is so; false if it isn't after a time that only a broken station needs.
    public func wait(seconds: Int64 = 60, _ condition: () throws -> Bool) rethrows -> Bool {
        let end = SystemClock.now + .seconds(seconds)
        while SystemClock.now < end {
            if try condition() { return true }
            SystemClock.sleep(.milliseconds(20))
        }
        return try condition()
    }
}
