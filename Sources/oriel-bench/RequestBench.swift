// GETs and bulk walks with a fixed number of requests in flight, on the callback-level API.

import Dispatch
import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine

/// Keeps `window` chains of requests going; each completion submits the next request of its chain.
final class RequestBench: @unchecked Sendable {
    private let options: Options
    private let manager: SNMPManager
    private let target: SNMPTarget
    private let done = DispatchSemaphore(value: 0)

    // On the manager's thread only, once the chains run.
    private var started = 0
    private var finished = 0
    private var isOver = false
    private var measurement = Measurement()
    private var values: UInt64 = 0

    init(_ options: Options) throws {
        self.options = options
        manager = try SNMPManager()
        var profile = TargetProfile()
        profile.window = options.window
        target = try manager.target(try options.configuration(), profile: profile)
    }

    /// One request outside the measurement: engine discovery, keys, the round-trip time.
    private func warmUp() throws {
        let names = try EncodedBindings(names: [[1, 3, 6, 1, 2, 1, 1, 3, 0]])
        for _ in 0..<20 {
            manager.submit(.get(names), to: target.id) { _, _ in self.done.signal() }
            done.wait()
        }
    }

    private func measure(_ begin: () -> Void) -> Measurement {
        let wall = SystemClock.now
        let cpu = SystemClock.processCPUTime
        begin()
        done.wait()
        measurement.wall = SystemClock.now - wall
        measurement.cpu = SystemClock.processCPUTime - cpu
        return measurement
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        done.signal()
    }

    // MARK: GET

    func get() throws -> Measurement {
        let columns: [UInt32] = [10, 11, 13, 14, 15, 16, 17, 19, 20, 5]
        let names = try EncodedBindings(names: columns.map { [1, 3, 6, 1, 2, 1, 2, 2, 1, $0, 1] })
        try warmUp()
        let request = Request.get(names)
        return measure {
            for _ in 0..<min(options.window, options.count) { submitGet(request) }
        }
    }

    private func submitGet(_ request: Request) {
        started += 1
        manager.submit(request, to: target.id) { [self] outcome, message in
            finished += 1
            if case .response(let response) = outcome, response.pdu.errorStatus == .noError {
                measurement.requests += 1
                measurement.varbinds += read(response.pdu, message)
            } else {
                measurement.errors += 1
            }
            if started < options.count {
                submitGet(request)
            } else if finished >= options.count {
                end()
            }
        }
    }

    /// Decodes names and values of all bindings, as an application would.
    private func read(_ pdu: PDULayout, _ message: RawSpan) -> Int {
        var reader = BERReader(pdu.bindings)
        var deviations = Deviations()
        var name = ObjectIdentifier()
        var count = 0
        do throws(BERError) {
            while let binding = try reader.binding(message, &deviations) {
                try BER.objectIdentifier(message, binding.name, into: &name, &deviations)
                let value = try SNMPValue(tag: binding.tag, message, binding.content, &deviations)
                values &+= value.asUInt64 ?? UInt64(name.count)
                count += 1
            }
        } catch {
            measurement.errors += 1
        }
        return count
    }

    // MARK: Bulk walk

    func bulkWalk() throws -> Measurement {
        guard let root = ObjectIdentifier(options.root) else { throw BenchFailure("malformed root \(options.root)") }
        try warmUp()
        return measure {
            for _ in 0..<options.window { walk(root, from: root) }
        }
    }

    private func walk(_ root: ObjectIdentifier, from position: ObjectIdentifier) {
        guard let names = try? EncodedBindings(names: [position]) else { return }
        manager.submit(.getBulk(names, maxRepetitions: options.maxRepetitions), to: target.id) {
            [self] outcome, message in
            guard !isOver else { return }
            var next = root
            if case .response(let response) = outcome, response.pdu.errorStatus == .noError {
                measurement.requests += 1
                next = takeRows(response.pdu, message, below: root) ?? root
            } else {
                measurement.errors += 1
            }
            guard measurement.varbinds < options.count, measurement.errors < 100 else {
                end()
                return
            }
            walk(root, from: next)
        }
    }

    /// Decodes all rows of a response where they lie, as `read` does; the last name below `root`, or nil at its end.
    private func takeRows(_ pdu: PDULayout, _ message: RawSpan, below root: ObjectIdentifier) -> ObjectIdentifier? {
        var reader = BERReader(pdu.bindings)
        var deviations = Deviations()
        var name = ObjectIdentifier()
        do throws(BERError) {
            while let binding = try reader.binding(message, &deviations) {
                try BER.objectIdentifier(message, binding.name, into: &name, &deviations)
                let value = try SNMPValue(tag: binding.tag, message, binding.content, &deviations)
                guard binding.tag != BERTag.endOfMibView, name.starts(with: root) else { return nil }
                values &+= value.asUInt64 ?? UInt64(name.count)
                measurement.varbinds += 1
            }
        } catch {
            measurement.errors += 1
            return nil
        }
        return name.isEmpty ? nil : name
    }
}
