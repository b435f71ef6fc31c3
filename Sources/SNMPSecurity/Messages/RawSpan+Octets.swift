// Layer: SNMPSecurity. Uses: OpenSSL's comparison. Used by: user tables, USMAuthority, the agent's communities.
// Octets of received messages, compared without copying them. `unsafeLoad` of a single octet has no alignment to get
// wrong, and checks its bounds.

internal import COpenSSL

extension RawSpan {
    /// The octet at `index`; out of range traps, as in an array.
    @inline(__always)
    func octet(at index: Int) -> UInt8 { unsafeLoad(fromByteOffset: index, as: UInt8.self) }

    /// Whether these are the octets of `other`, in time that depends on the lengths only: for communities and other
    /// secrets.
    public func equalsInConstantTime(_ other: [UInt8]) -> Bool {
        guard byteCount == other.count else { return false }
        return withUnsafeBytes { mine in
            other.withUnsafeBytes { CRYPTO_memcmp(mine.baseAddress, $0.baseAddress, mine.count) == 0 }
        }
    }
}
