// Layer: ESEEngine/4-Version. Used by: everything above.
// The number that says when a transaction began or was committed.

/// When a transaction began or was committed. ESE's name: TRX.
///
/// Sixty-four bits here, so that it never turns round; the log carries the lower thirty-two.
public struct TransactionNumber: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number.
    public let rawValue: UInt64

    /// Makes one of a number.
    @inline(__always)
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Makes one of a number.
    @inline(__always)
    public init(_ value: UInt64) { rawValue = value }

    /// Makes one of what a log says: the number with those lower bits that is nearest to `newest`.
    public init(logged: UInt32, near newest: TransactionNumber) {
        let distance = Int32(truncatingIfNeeded: logged &- UInt32(truncatingIfNeeded: newest.rawValue))
        let value = Int64(truncatingIfNeeded: newest.rawValue) &+ Int64(distance)
        rawValue = value < 0 ? UInt64(logged) : UInt64(value)
    }

    /// Not committed yet: later than everything. ESE's name: trxMax.
    public static let open = TransactionNumber(.max)

    /// What a log carries of it.
    public var logged: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// Earlier.
    @inline(__always)
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension TransactionNumber: CustomStringConvertible {
    /// The number.
    public var description: String { self == .open ? "open" : String(rawValue) }
}
