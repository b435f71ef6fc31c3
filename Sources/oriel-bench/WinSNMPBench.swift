// The same GETs and bulk walks through the WinSNMP API in Swift: what its handles, queues and callback threads cost.

import Dispatch
import PlatformIO
import Primitives
import SNMPCodec
import WinSNMP

/// Keeps `window` chains of requests going; each callback receives an answer, reads all of it, frees its handles and
/// sends the next request of its chain. Benchmarks/peers/wsnmp_get.c does the same in C.
final class WinSNMPBench: @unchecked Sendable {
    private let options: Options
    private let library = WinSNMPLibrary()
    private let done = DispatchSemaphore(value: 0)
    private var session = SessionHandle(rawValue: 0)
    private var agent = EntityHandle(rawValue: 0)
    private var context = ContextHandle(rawValue: 0)
    private var names = VBLHandle(rawValue: 0)
    private let root: ObjectIdentifier
    private let isWalking: Bool

    // Under `lock`: callbacks begin while the first requests are still being sent.
    private let lock = Lock()
    private var started = 0
    private var outstanding = 0
    private var limit = 0
    private var window = 0
    private var measurement = Measurement()
    private var positions: [ObjectIdentifier] = []
    private var values: UInt64 = 0

    init(_ options: Options) throws {
        guard options.version == "2c" else { throw BenchFailure("--api winsnmp measures version 2c") }
        guard let root = ObjectIdentifier(options.root) else { throw BenchFailure("malformed root \(options.root)") }
        let address = try AddressResolver.numeric(options.agent, defaultPort: 161)
        self.options = options
        self.root = root
        isWalking = options.mode == "bulkwalk"
        try library.startup()
        try library.setTranslateMode(TranslateMode.untranslatedV2.rawValue)
        session = try library.createSession { [unowned self] _, wParam, lParam in
            answered(wParam, Int32(truncatingIfNeeded: lParam))
            return true
        }
        agent = try library.strToEntity(session, address.host)
        try library.setPort(agent, UInt32(address.port))
        try library.setTimeout(agent, 200)
        context = try library.strToContext(session, Array(options.community.utf8))
        names = try library.createVbl(session)
        for column in [10, 11, 13, 14, 15, 16, 17, 19, 20, 5] as [UInt32] {
            try library.setVb(names, index: 0, name: [1, 3, 6, 1, 2, 1, 2, 2, 1, column, 1], value: nil)
        }
    }

    func run() throws -> Measurement {
        // One request outside the measurement: sockets and threads.
        try chains(window: 1, limit: 1)
        let wall = SystemClock.now
        let cpu = SystemClock.processCPUTime
        try chains(window: options.window, limit: options.count)
        var result = lock.withLock { measurement }
        result.wall = SystemClock.now - wall
        result.cpu = SystemClock.processCPUTime - cpu
        try library.cleanup()
        return result
    }

    private func chains(window: Int, limit: Int) throws {
        try lock.withLock {
            self.window = window
            self.limit = limit
            measurement = Measurement()
            started = 0
            positions = Array(repeating: root, count: window)
            for chain in 0..<window { try sendNext(chain) }
        }
        done.wait()
    }

    /// With the lock held.
    private var isFinished: Bool {
        measurement.errors > 100 || (isWalking ? measurement.varbinds : started) >= limit
    }

    /// With the lock held.
    private func sendNext(_ chain: Int) throws {
        guard !isFinished else { return }
        // The request-id says which chain an answer belongs to.
        let id = Int32(truncatingIfNeeded: started * window + chain + 1)
        var list = names
        if isWalking { list = try library.createVbl(session, name: positions[chain]) }
        let pdu = try library.createPdu(
            session, type: isWalking ? 0xA5 : 0xA0, requestID: id,
            errorIndex: isWalking ? Int32(options.maxRepetitions) : 0, vbl: list)
        try library.sendMsg(session, source: nil, destination: agent, context: context, pdu: pdu)
        try library.freePdu(pdu)
        if isWalking { try library.freeVbl(list) }
        started += 1
        outstanding += 1
    }

    private func answered(_ wParam: UInt, _ id: Int32) {
        lock.withLock {
            let chain = Int(id - 1) % window
            outstanding -= 1
            do {
                if wParam == 0 { try take(chain) } else { fail(chain) }
                try sendNext(chain)
            } catch {
                fail(chain)
            }
            if outstanding == 0 { done.signal() }
        }
    }

    private func fail(_ chain: Int) {
        measurement.errors += 1
        positions[chain] = root
    }

    private func take(_ chain: Int) throws {
        let message = try library.recvMsg(session)
        let list = try library.pduVbl(message.pdu)
        defer {
            try? library.freeVbl(list)
            try? library.freePdu(message.pdu)
            try? library.freeContext(message.context)
            try? library.freeEntity(message.source)
            try? library.freeEntity(message.destination)
        }
        let data = try library.pduData(message.pdu)
        guard message.failure == nil, data.type == 0xA2, data.errorStatus == 0 else { return fail(chain) }
        measurement.requests += 1
        let count = try library.countVbl(list)
        var isInside = isWalking
        var next = root
        for index in 1...count {
            let binding = try library.vb(list, index: UInt32(index))
            if isInside, binding.value == .endOfMibView || !binding.name.starts(with: root) {
                // The end of the subtree starts the walk over.
                isInside = false
                next = root
            }
            if isInside, index == count { next = binding.name }
            if isInside || !isWalking { measurement.varbinds += 1 }
            values &+= binding.value.asUInt64 ?? UInt64(binding.name.count)
        }
        positions[chain] = next
    }
}
