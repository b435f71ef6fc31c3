// Layer: PlatformIO. Uses: libc. Used by: EventLoop.
// Waiting for many descriptors: epoll on Linux, poll elsewhere. A token chosen by the event loop comes back with each
// event.

import CLinux
import Primitives

#if os(Linux)
    /// Waiting by epoll, level-triggered.
    struct Poller: ~Copyable {
        private static let eventCount = 256
        private let epoll: Descriptor
        private let events: UnsafeMutablePointer<epoll_event>
        /// Waits in nanoseconds need a call that Linux has since 5.11; milliseconds serve where it is missing.
        private var hasNanoseconds = true

        init() throws(IOError) {
            let number = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard number >= 0 else { throw .last("make an event queue") }
            epoll = Descriptor(owning: number)
            events = .allocate(capacity: Poller.eventCount)
            events.initialize(repeating: epoll_event(), count: Poller.eventCount)
        }

        deinit { events.deallocate() }

        mutating func add(_ number: Int32, _ interest: Interest, token: UInt64) throws(IOError) {
            try control(EPOLL_CTL_ADD, number, interest, token)
        }

        mutating func change(_ number: Int32, _ interest: Interest, token: UInt64) throws(IOError) {
            try control(EPOLL_CTL_MOD, number, interest, token)
        }

        mutating func remove(_ number: Int32) {
            // Fails if the descriptor is closed already, and then the kernel has removed it itself.
            _ = epoll_ctl(epoll.number, EPOLL_CTL_DEL, number, nil)
        }

        private func control(
            _ operation: Int32, _ number: Int32, _ interest: Interest, _ token: UInt64
        ) throws(IOError) {
            var event = epoll_event()
            if interest.contains(.read) { event.events |= EPOLLIN.rawValue }
            if interest.contains(.write) { event.events |= EPOLLOUT.rawValue }
            event.data.u64 = token
            guard epoll_ctl(epoll.number, operation, number, &event) == 0
            else { throw .last("watch descriptor", "\(number)") }
        }

        /// Waits until something is ready or the time has passed (nil: for ever); returns how many events there are.
        mutating func wait(_ timeout: Interval?) throws(IOError) -> Int {
            let result = call(timeout)
            if result >= 0 { return Int(result) }
            let code = oriel_errno()
            // A signal may have changed what there is to do; the caller's loop looks again.
            if code == EINTR { return 0 }
            guard code == ENOSYS, hasNanoseconds else { throw IOError(code: code, operation: "wait for events") }
            hasNanoseconds = false
            return try wait(timeout)
        }

        private func call(_ timeout: Interval?) -> Int32 {
            let count = Int32(Poller.eventCount)
            guard let timeout else { return epoll_wait(epoll.number, events, count, -1) }
            if timeout <= .zero { return epoll_wait(epoll.number, events, count, 0) }
            guard hasNanoseconds else { return epoll_wait(epoll.number, events, count, timeout.pollMilliseconds) }
            var time = timespec(
                tv_sec: Int(timeout.nanoseconds / 1_000_000_000), tv_nsec: Int(timeout.nanoseconds % 1_000_000_000))
            return epoll_pwait2(epoll.number, events, count, &time, nil)
        }

        func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
            let bits = events[index].events
            var readiness: Readiness = []
            if bits & EPOLLIN.rawValue != 0 { readiness.insert(.read) }
            if bits & EPOLLOUT.rawValue != 0 { readiness.insert(.write) }
            if bits & EPOLLERR.rawValue != 0 { readiness.insert(.error) }
            if bits & EPOLLHUP.rawValue != 0 { readiness.insert(.hangup) }
            return (events[index].data.u64, readiness)
        }
    }
#else
    /// Waiting by poll: fine for the few descriptors that a program has there.
    struct Poller: ~Copyable {
        private var entries: [pollfd] = []
        private var tokens: [UInt64] = []
        private var ready: [(token: UInt64, readiness: Readiness)] = []

        init() throws(IOError) {}

        mutating func add(_ number: Int32, _ interest: Interest, token: UInt64) throws(IOError) {
            guard oriel_is_open(number) != 0 else { throw .last("watch descriptor", "\(number)") }
            entries.append(pollfd(fd: number, events: Poller.bits(interest), revents: 0))
            tokens.append(token)
        }

        mutating func change(_ number: Int32, _ interest: Interest, token: UInt64) throws(IOError) {
            guard let index = entries.firstIndex(where: { $0.fd == number })
            else { throw IOError(code: ENOENT, operation: "watch descriptor", subject: "\(number)") }
            entries[index].events = Poller.bits(interest)
            tokens[index] = token
        }

        mutating func remove(_ number: Int32) {
            guard let index = entries.firstIndex(where: { $0.fd == number }) else { return }
            entries.remove(at: index)
            tokens.remove(at: index)
        }

        private static func bits(_ interest: Interest) -> Int16 {
            var bits: Int32 = 0
            if interest.contains(.read) { bits |= Int32(POLLIN) }
            if interest.contains(.write) { bits |= Int32(POLLOUT) }
            return Int16(bits)
        }

        mutating func wait(_ timeout: Interval?) throws(IOError) -> Int {
            ready.removeAll(keepingCapacity: true)
            let milliseconds = timeout.map { $0.pollMilliseconds } ?? -1
            let result = poll(&entries, nfds_t(entries.count), milliseconds)
            if result < 0 {
                let code = oriel_errno()
                if code == EINTR { return 0 }
                throw IOError(code: code, operation: "wait for events")
            }
            for (index, entry) in entries.enumerated() where entry.revents != 0 {
                let bits = Int32(entry.revents)
                var readiness: Readiness = []
                if bits & Int32(POLLIN) != 0 { readiness.insert(.read) }
                if bits & Int32(POLLOUT) != 0 { readiness.insert(.write) }
                if bits & Int32(POLLERR | POLLNVAL) != 0 { readiness.insert(.error) }
                if bits & Int32(POLLHUP) != 0 { readiness.insert(.hangup) }
                ready.append((tokens[index], readiness))
            }
            return ready.count
        }

        func event(_ index: Int) -> (token: UInt64, readiness: Readiness) { ready[index] }
    }
#endif
