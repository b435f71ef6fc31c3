// Layer: JetABI. Uses: Memory, Text. Used by: exports.
// What all structures of callers have in common.

import CJet
import ESEEngine
import Jet

/// Checks a structure's cbStruct. JET_errInvalidParameter.
@inline(__always)
func checkSize<Structure>(_ cbStruct: UInt32, of type: Structure.Type) throws(JetError) {
    guard Int(cbStruct) == MemoryLayout<Structure>.stride else { throw .invalidParameter }
}

/// An array of callers. JET_errInvalidParameter for too many elements, or some without an address.
@inline(__always)
func elements<Element>(
    _ address: UnsafeMutablePointer<Element>?, _ count: UInt32
) throws(JetError) -> UnsafeMutableBufferPointer<Element> {
    guard count > 0 else { return UnsafeMutableBufferPointer(start: nil, count: 0) }
    guard let address, count <= Limit.elements else { throw .invalidParameter }
    return UnsafeMutableBufferPointer(start: address, count: Int(count))
}
