// Layer: WinSNMPABI. Uses: nothing. Used by: all exports.
// The border to the caller's memory. In this module, and nowhere above or below it, addresses come from outside, and
// nothing can check them: that a pointer leads to what its type says is the caller's promise, as in every C library.
// What can be checked is checked before an address is used:
//
// - NULL is refused, or means what winsnmp.h says.
// - A length that comes with an address is bounded: identifiers have 128 arcs at most, a text ends within its limit,
//   octets number at most `Limit.octets`. A wild length fails, it doesn't make us read on.
// - An address to be freed is looked up among those handed out (`DescriptorMemory`), never followed.
// - A handle is a number to us ; it is never followed either.
//
// Outputs are written last, when nothing can fail any more.

import CWinSNMP
import SNMPCodec
import WinSNMP

/// Bounds of what callers pass.
enum Limit {
    /// Octets of a value, a community, a key: far more than fits into a message, so that "too big" is said by what
    /// builds the message, yet nothing that a wild length would pass.
    static let octets = 1 << 20
    /// Octets of a message.
    static let message = 65_535
    /// Characters of an entity's name.
    static let name = 1_024
    /// Characters of a path.
    static let path = 4_096
}

/// The library of this process.
let library = WinSNMPLibrary.shared

extension HANDLE {
    /// The handle of a number; nil, which is NULL, for 0.
    init?(handle: UInt64) { self.init(bitPattern: UInt(truncatingIfNeeded: handle)) }
}

/// A handle of the Swift API, made of a C handle. NULL becomes 0, which no handle is.
protocol NumberedHandle: RawRepresentable where RawValue == UInt64 {
    init(rawValue: UInt64)
}

extension NumberedHandle {
    @inline(__always)
    init(_ handle: HANDLE?) { self.init(rawValue: UInt64(UInt(bitPattern: handle))) }

    /// Nil for NULL, where that means "none".
    @inline(__always)
    static func unlessNull(_ handle: HANDLE?) -> Self? { handle.map { Self($0) } }
}

extension SessionHandle: NumberedHandle {}
extension EntityHandle: NumberedHandle {}
extension ContextHandle: NumberedHandle {}
extension PDUHandle: NumberedHandle {}
extension VBLHandle: NumberedHandle {}

// MARK: Results

/// SNMPAPI_SUCCESS, or SNMPAPI_FAILURE if `body` throws; it has recorded the error then.
@inline(__always)
func status(_ body: () throws(SNMPAPIError) -> Void) -> SNMPAPI_STATUS {
    do throws(SNMPAPIError) {
        try body()
        return SNMPAPI_STATUS(SNMPAPI_SUCCESS)
    } catch {
        return SNMPAPI_STATUS(SNMPAPI_FAILURE)
    }
}

/// The count that `body` returns, or SNMPAPI_FAILURE.
@inline(__always)
func count(_ body: () throws(SNMPAPIError) -> Int) -> SNMPAPI_STATUS {
    do throws(SNMPAPIError) { return SNMPAPI_STATUS(clamping: try body()) } catch {
        return SNMPAPI_STATUS(SNMPAPI_FAILURE)
    }
}

/// The handle that `body` returns, or NULL.
@inline(__always)
func handle(_ body: () throws(SNMPAPIError) -> some NumberedHandle) -> HANDLE? {
    do throws(SNMPAPIError) { return HANDLE(handle: try body().rawValue) } catch { return nil }
}

// MARK: Text

/// The text at an address, up to its NUL; nil if there is none within `limit` octets. Octets that are no UTF-8 are
/// replaced.
func readText(at address: LPCSTR, limit: Int) -> String? {
    var length = 0
    while length <= limit, address[length] != 0 { length += 1 }
    guard length <= limit else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: address, count: length), as: UTF8.self)
}

/// Writes a text and a NUL into `size` octets and returns how many it took. Throws `sizeInvalid` for no octets at all,
/// `allocError` for no address, `outputTruncated` when it doesn't fit: then what fits is there, with a NUL. `failing`
/// records them.
func store(
    _ text: String, at address: LPSTR?, size: smiUINT32, failing: (SNMPAPIError, String) -> SNMPAPIError
) throws(SNMPAPIError) -> Int {
    guard size > 0 else { throw failing(.sizeInvalid, "a buffer of no octets") }
    guard let address else { throw failing(.allocError, "no buffer") }
    var place = 0
    for octet in text.utf8 {
        guard place + 1 < Int(size) else {
            address[place] = 0
            throw failing(.outputTruncated, "the text has more than \(size) octets with its NUL")
        }
        address[place] = CChar(bitPattern: octet)
        place += 1
    }
    address[place] = 0
    return place + 1
}

// MARK: Octets and identifiers

extension smiOCTETS {
    /// A copy of the octets. Throws `allocError` for octets without an address and `sizeInvalid` for too many; doesn't
    /// record them.
    func octets(limit: Int = Limit.octets) throws(SNMPAPIError) -> [UInt8] {
        guard len > 0 else { return [] }
        guard let ptr else { throw .allocError }
        guard len <= limit else { throw .sizeInvalid }
        return [UInt8](UnsafeBufferPointer(start: ptr, count: Int(len)))
    }

    /// Octets in memory of their own, which the caller is to free. A NUL that isn't counted follows them, because
    /// programs print octets as text. No octets have no memory.
    init(copying octets: [UInt8]) {
        self.init()
        guard !octets.isEmpty else { return }
        let copy = DescriptorMemory.shared.allocateOctets(octets.count + 1)
        for index in octets.indices { copy[index] = octets[index] }
        copy[octets.count] = 0
        ptr = copy
        len = smiUINT32(octets.count)
    }
}

extension smiOID {
    /// Whether there are 1 to 128 arcs at an address.
    var isValid: Bool { len > 0 && len <= ObjectIdentifier.maximumArcCount && ptr != nil }

    /// The arcs. Throws `oidInvalid` unless there are 1 to 128; doesn't record it.
    func identifier() throws(SNMPAPIError) -> ObjectIdentifier {
        guard isValid, let arcs = ptr else { throw .oidInvalid }
        var identifier = ObjectIdentifier()
        for index in 0..<Int(len) { identifier.append(arcs[index]) }
        return identifier
    }

    /// Arcs in memory of their own, which the caller is to free. `arcs` has room for 128 at most.
    init(copying arcs: Span<UInt32>) {
        self.init()
        guard !arcs.isEmpty else { return }
        let copy = DescriptorMemory.shared.allocateArcs(arcs.count)
        for index in arcs.indices { copy[index] = arcs[index] }
        ptr = copy
        len = smiUINT32(arcs.count)
    }

    init(copying identifier: ObjectIdentifier) {
        self = identifier.withSpan { smiOID(copying: $0) }
    }
}
