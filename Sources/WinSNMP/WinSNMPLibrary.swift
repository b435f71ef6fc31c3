// Layer: WinSNMP. Uses: SNMP, PlatformIO. Used by: the C library, applications.
// The library object: life cycle, last errors, options. What lives between startup and cleanup is an `Instance`.
//
// Threads: `lock` guards the instance with all its records. No callback, hook, socket call that may wait, or name
// look-up runs under it. Order of locks: `portLock`, then `lock`, then those of the SNMP library and the dispatcher.

import PlatformIO
import Primitives
import SNMPCodec

/// What `startup` says (SnmpStartup).
public struct StartupInfo: Hashable, Sendable {
    /// 2.
    public let majorVersion: UInt32 = 2
    /// 0.
    public let minorVersion: UInt32 = 0
    /// 2, SNMPAPI_V2_SUPPORT; SNMPv3 comes on top, through the functions of the addendum.
    public let level: UInt32 = 2
    /// The translation mode in effect.
    public var translateMode: UInt32
    /// The retransmission mode in effect.
    public var retransmitMode: UInt32
}

/// Who made the library (SnmpGetVendorInfo).
public struct VendorInfo: Hashable, Sendable {
    /// The vendor's name, at most 63 octets.
    public let name = "Oriel"
    /// Where to turn to, at most 63 octets.
    public let contact = "the Oriel project"
    /// The version, at most 31 octets.
    public let version = "0.1"
    /// The version's date, at most 31 octets.
    public let versionDate = "2026-11-21"
    /// 0: the project has no enterprise number.
    public let enterprise: UInt32 = 0
}

/// The WinSNMP API over one set of sessions. A process that plays the part of a Windows program uses `shared`; more of
/// them live side by side without knowing of each other.
///
/// A library that was started lives until `cleanup`, whoever holds it. All functions can be called from any thread,
/// also from callbacks. Each throws a code of the API, and keeps it with a sentence for `lastError` and
/// `lastErrorText`.
public final class WinSNMPLibrary: @unchecked Sendable {
    /// The library of this process, with the options that its environment sets.
    public static let shared = WinSNMPLibrary(options: .fromEnvironment(Program.environment))

    let lock = Lock()
    /// Serialises opening and closing ports.
    let portLock = Lock()
    /// Serialises making managers.
    let managerLock = Lock()
    /// Signalled when a callback has returned while somebody waits for that.
    let callbackEnded = Condition()

    // Guarded by `lock`.
    @exclusivity(unchecked) var options: WinSNMPOptions
    @exclusivity(unchecked) var instance: Instance?
    @exclusivity(unchecked) var hook: WindowHook?
    @exclusivity(unchecked) private var isStarted = false
    @exclusivity(unchecked) private var startupExCount = 0
    @exclusivity(unchecked) var errors = ErrorRing()
    /// Threads that wait for the end of a session's callback.
    @exclusivity(unchecked) var waitingThreads: [UInt: SessionRecord] = [:]

    private let threadError = ThreadSlot()

    /// Makes a library that is not started.
    public init(options: WinSNMPOptions = WinSNMPOptions()) { self.options = options }

    // MARK: Life cycle

    /// Starts the library (SnmpStartup). Calling it again changes nothing; one `cleanup` ends all of it.
    @discardableResult
    public func startup() throws(SNMPAPIError) -> StartupInfo {
        lock.withLock {
            isStarted = true
            return start()
        }
    }

    /// Starts the library for one of several users in a process (SnmpStartupEx): each is to call `cleanupEx` once.
    @discardableResult
    public func startupEx() throws(SNMPAPIError) -> StartupInfo {
        lock.withLock {
            startupExCount += 1
            return start()
        }
    }

    private func start() -> StartupInfo {
        let instance = instance ?? Instance(self)
        self.instance = instance
        return StartupInfo(
            translateMode: instance.translateMode.rawValue, retransmitMode: instance.isRetransmitting ? 1 : 0)
    }

    /// Ends the library (SnmpCleanup): closes all sessions and kills all handles. When it returns, no callback runs but
    /// perhaps the one that called it. While `startupEx` is outstanding it only takes `startup` back.
    public func cleanup() throws(SNMPAPIError) {
        let ending = try lock.withLock { () throws(SNMPAPIError) -> Instance? in
            guard instance != nil else { throw fail(.notInitialized) }
            isStarted = false
            guard startupExCount == 0 else { return nil }
            return instance.take()
        }
        ending?.shutDown(self)
    }

    /// Takes one `startupEx` back (SnmpCleanupEx); the last one ends the library unless `startup` was called.
    /// Throws `otherError` when none is outstanding.
    public func cleanupEx() throws(SNMPAPIError) {
        let ending = try lock.withLock { () throws(SNMPAPIError) -> Instance? in
            guard startupExCount > 0 else { throw fail(.otherError, "cleanupEx without startupEx") }
            startupExCount -= 1
            guard startupExCount == 0, !isStarted else { return nil }
            return instance.take()
        }
        ending?.shutDown(self)
    }

    /// Who made this library.
    public func vendorInfo() throws(SNMPAPIError) -> VendorInfo {
        try requireInitialized()
        return VendorInfo()
    }

    /// Runs `body` with the instance under the lock. Throws `notInitialized` without one.
    @inline(__always)
    func withInstance<Result>(_ body: (Instance) throws(SNMPAPIError) -> Result) throws(SNMPAPIError) -> Result {
        try lock.withLock { () throws(SNMPAPIError) -> Result in
            guard let instance else { throw fail(.notInitialized) }
            return try body(instance)
        }
    }

    /// Throws `notInitialized` before startup and after cleanup.
    package func requireInitialized() throws(SNMPAPIError) { try withInstance { _ in } }

    // MARK: Errors

    /// The last error of a session, or without one (also for a session that is not alive) the last of this thread, or
    /// of all threads if this one never failed; 1 (SNMPAPI_SUCCESS) when nothing failed yet (SnmpGetLastError). Works
    /// before startup and after cleanup. A call that succeeds changes nothing.
    public func lastError(_ session: SessionHandle? = nil) -> UInt32 {
        lock.withLock {
            if let session, let record = instance?.sessions[session.rawValue] { return record.lastError }
            return errors.code(threadError.value)
        }
    }

    /// A sentence about `lastError`, for people.
    public func lastErrorText(_ session: SessionHandle? = nil) -> String {
        let (code, text) = lock.withLock { () -> (UInt32, String) in
            if let session, let record = instance?.sessions[session.rawValue] {
                return (record.lastError, record.lastErrorText)
            }
            return errors.entry(threadError.value)
        }
        let meaning = SNMPAPIError(rawValue: code)?.description ?? "no error"
        return text.isEmpty ? meaning : "\(meaning): \(text)"
    }

    /// Keeps an error; the lock is held. For `throw fail(…)`.
    func fail(
        _ error: SNMPAPIError, _ text: @autoclosure () -> String = "", in session: SessionRecord? = nil
    )
        -> SNMPAPIError
    {
        let text = text()
        session?.lastError = error.rawValue
        session?.lastErrorText = text
        threadError.value = errors.add(error, text)
        return error
    }

    /// Runs `body` and keeps the error that it throws; the lock is held.
    @inline(__always)
    func recording<Result>(
        in session: SessionRecord?, _ body: () throws(SNMPAPIError) -> Result
    ) throws(SNMPAPIError) -> Result {
        do throws(SNMPAPIError) {
            return try body()
        } catch {
            throw fail(error, in: session)
        }
    }

    /// Keeps an error that has no session; the lock is not held. For `throw library.failing(…)`.
    package func failing(_ error: SNMPAPIError, _ text: @autoclosure () -> String = "") -> SNMPAPIError {
        let text = text()
        return lock.withLock { fail(error, text) }
    }

    /// Keeps an error of a session; the lock is not held.
    package func failing(
        _ error: SNMPAPIError, session: SessionHandle, _ text: @autoclosure () -> String = ""
    ) -> SNMPAPIError {
        let text = text()
        return lock.withLock { fail(error, text, in: instance?.sessions[session.rawValue]) }
    }

    // MARK: Options

    /// Changes a setting. Throws `sizeInvalid` for a value out of range. Settings outlive `cleanup`.
    public func setOption(_ option: WinSNMPOption, _ value: UInt32) throws(SNMPAPIError) {
        try lock.withLock { () throws(SNMPAPIError) in
            guard option.range.contains(value) else {
                throw fail(.sizeInvalid, "option \(option) takes \(option.range), not \(value)")
            }
            options[option] = value
        }
    }

    /// The value of a setting.
    public func option(_ option: WinSNMPOption) -> UInt32 { lock.withLock { options[option] } }

    /// Registers how window messages are posted; nil takes it back. Sessions that have a window keep it.
    public func setWindowHook(_ hook: WindowHook?) { lock.withLock { self.hook = hook } }

    /// Chooses the database of translated mode, a directory or a JSON file whose name ends in `.json`; nil for the
    /// user's own before the station's.
    public func setDatabase(path: String?) throws(SNMPAPIError) {
        lock.withLock {
            options.databasePath = path
            instance?.database = nil
        }
    }
}

/// How an embedding program's windows are reached.
public struct WindowHook: Sendable {
    let isWindow: @Sendable (UInt) -> Bool
    let postMessage: @Sendable (UInt, UInt32, UInt, Int) -> Bool

    /// Makes a hook: whether a number is a window, and posting a message (window, message, wParam, lParam) to it.
    /// Both are called from several threads and must not block.
    public init(
        isWindow: @escaping @Sendable (UInt) -> Bool,
        postMessage: @escaping @Sendable (UInt, UInt32, UInt, Int) -> Bool
    ) {
        self.isWindow = isWindow
        self.postMessage = postMessage
    }
}

/// The latest errors of all threads. A thread keeps the number of its own, which finds code and sentence here; when its
/// sentence has been overwritten the code is still known, because it is part of the number.
struct ErrorRing {
    private static let size: UInt = 64
    private var texts = [String](repeating: "", count: Int(size))
    private var numbers = [UInt](repeating: 0, count: Int(size))
    private var count: UInt = 0
    private var newest: UInt = 0

    /// Keeps an error and returns its number: a count, and the code in the low ten bits. Never 0.
    mutating func add(_ error: SNMPAPIError, _ text: String) -> UInt {
        count &+= 1
        let place = Int(count % ErrorRing.size)
        texts[place] = text
        newest = count << 10 | UInt(error.rawValue)
        numbers[place] = newest
        return newest
    }

    /// The code of a thread's error; the newest of all for a thread that has none.
    func code(_ number: UInt) -> UInt32 { entry(number).code }

    func entry(_ number: UInt) -> (code: UInt32, text: String) {
        let number = number == 0 ? newest : number
        guard number != 0 else { return (1, "") }
        let place = Int(number >> 10 % ErrorRing.size)
        return (UInt32(number & 1_023), numbers[place] == number ? texts[place] : "")
    }
}
