// Layer: JetABI. Uses: Jet. Used by: all exports.
// The border to the caller's memory. Addresses come from outside, and nothing can check where they lead: that is the
// caller's promise, as in every C library. What can be checked is checked before an address is used:
//
// - NULL is refused, or means what the function's documentation says.
// - A count that comes with an address is bounded.
// - Text ends within its limit; a structure has the size that its cbStruct says.
// - An address to be freed is looked up among those handed out, never followed.
// - A handle is a number to us; it is never followed either.
//
// Results are written last, when nothing can fail any more.

import CJet
import ESEEngine
import Jet
import PlatformIO

/// The library of this process.
let library = JetLibrary.shared

/// Bounds of what callers pass.
enum Limit {
    /// Bytes or UTF-16 units of a name or a path.
    static let text = 32_767
    /// Elements of an array.
    static let elements = 65_536
    /// Bytes of a value.
    static let value = 0x7FFF_FFFF
}

/// Neither 0 nor -1, which mean no handle.
func isHandle(_ value: UInt) -> Bool { value != 0 && value != .max }

// MARK: Results

/// 0, or the error that `body` throws.
@inline(__always)
func result(_ body: () throws(JetError) -> Void) -> JET_ERR {
    do throws(JetError) {
        try body()
        return 0
    } catch {
        return error.rawValue
    }
}

/// The warning, or 0, that `body` returns, or the error that it throws.
@inline(__always)
func resultOrWarning(_ body: () throws(JetError) -> JetWarning?) -> JET_ERR {
    do throws(JetError) { return try body()?.rawValue ?? 0 } catch { return error.rawValue }
}

/// An address that must not be NULL. JET_errInvalidParameter.
@inline(__always)
func required<Pointer>(_ pointer: Pointer?) throws(JetError) -> Pointer {
    guard let pointer else { throw .invalidParameter }
    return pointer
}

// MARK: Memory for callers

/// Memory that was handed out, to be freed with JetFreeBuffer.
final class HandedOutMemory: Sendable {
    static let shared = HandedOutMemory()
    private let addresses = Locked<Set<UInt>>([])

    /// Memory of zeros, or nil if there is none.
    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        guard let memory = SystemMemory.allocate(byteCount: max(byteCount, 1)) else { return nil }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        addresses.withLock { _ = $0.insert(UInt(bitPattern: memory)) }
        return memory
    }

    /// Frees memory; false if it isn't from here or was freed before.
    func free(_ memory: UnsafeMutableRawPointer) -> Bool {
        guard addresses.withLock({ $0.remove(UInt(bitPattern: memory)) }) != nil else { return false }
        memory.deallocate()
        return true
    }
}
