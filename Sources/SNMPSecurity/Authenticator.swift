// Layer: SNMPSecurity. Uses: COpenSSL. Used by: message protection and checking.
// A prepared HMAC for one localized key. Re-initialising one OpenSSL context took half the time of duplicating it
// (SHA-1 over 120 octets: 0.48 µs against 1.10 µs with OpenSSL 3.0), hence one context per key and no sharing.

internal import COpenSSL

/// Signs and checks messages with one localized authentication key (RFC 3414, 6.3 and 7.3; RFC 7860, 4.2).
///
/// Not thread-safe: it reuses one OpenSSL context. Swift allocates nothing per message. The key lives inside
/// OpenSSL and is wiped with the last reference.
public final class Authenticator {
    /// The protocol, which fixes the length of the MAC.
    public let auth: AuthProtocol

    private let context: OpaquePointer

    /// Prepares `localizedKey`, whose length must be the digest's.
    ///
    /// Throws `keyLengthInvalid`, `algorithmUnavailable`, `cryptoFailure`.
    public init(_ auth: AuthProtocol, localizedKey: SecretBytes) throws(SecurityError) {
        guard localizedKey.byteCount == auth.digestByteCount else { throw .keyLengthInvalid }
        // HMAC refuses a hash it cannot fetch with a general failure; asking first keeps the reason.
        _ = try auth.digestAlgorithm.fetched()
        guard let context = EVP_MAC_CTX_new(try CryptoAlgorithm.hmac.fetched()) else { throw .cryptoFailure }
        self.auth = auth
        self.context = context
        let status = localizedKey.withBytes { key in
            key.withUnsafeBytes { oriel_hmac_set_key(context, auth.digestAlgorithm.rawValue, $0.baseAddress, $0.count) }
        }
        try check(status)
    }

    deinit { EVP_MAC_CTX_free(context) }

    /// Octets of a MAC under this protocol.
    public var macByteCount: Int { auth.macByteCount }

    /// Writes the truncated MAC of `message` to the start of `mac`.
    ///
    /// Throws `bufferTooSmall` when `mac` has fewer than `macByteCount` octets, `cryptoFailure`.
    public func computeMAC(of message: RawSpan, into mac: UnsafeMutableRawBufferPointer) throws(SecurityError) {
        guard mac.count >= macByteCount else { throw .bufferTooSmall }
        try begin()
        try update(message)
        var digest = Digest()
        try finish(&digest)
        withUnsafeBytes(of: &digest.words) { mac.copyMemory(from: .init(rebasing: $0[..<macByteCount])) }
    }

    /// Writes the truncated MAC of a message whose authentication field counts as zero to the start of `mac`:
    /// `before`, then `macByteCount` zero octets, then `after`.
    ///
    /// Throws `bufferTooSmall` when `mac` has fewer than `macByteCount` octets, `cryptoFailure`.
    public func computeMAC(
        before: RawSpan, after: RawSpan, into mac: UnsafeMutableRawBufferPointer
    ) throws(SecurityError) {
        guard mac.count >= macByteCount else { throw .bufferTooSmall }
        var digest = Digest()
        try computeDigest(before, after, &digest)
        withUnsafeBytes(of: &digest.words) { mac.copyMemory(from: .init(rebasing: $0[..<macByteCount])) }
    }

    /// Computes the MAC of the whole `message` and writes it into the message at `macOffset`; what stood there
    /// counts as zero (RFC 3414, 6.3.1).
    ///
    /// Throws `macLengthInvalid` when the field does not lie inside the message, `cryptoFailure`.
    public func sign(_ message: UnsafeMutableRawBufferPointer, macOffset: Int) throws(SecurityError) {
        guard macOffset >= 0, macOffset <= message.count - macByteCount else { throw .macLengthInvalid }
        let end = macOffset + macByteCount
        let field = UnsafeMutableRawBufferPointer(rebasing: message[macOffset..<end])
        let whole = UnsafeRawBufferPointer(message).bytes
        try computeMAC(before: whole.extracting(0..<macOffset), after: whole.extracting(end...), into: field)
    }

    /// Checks the MAC that stands in `message` at `mac`, in constant time (RFC 3414, 6.3.2).
    ///
    /// Only the protocol's full length will do: accepting a shorter field let a single octet be guessed
    /// (CVE-2008-0960). Throws `macLengthInvalid` when the field has another length or does not lie inside the
    /// message, `wrongDigest` when the MAC belongs to other data or another key, `cryptoFailure`.
    public func verify(_ message: RawSpan, mac: Range<Int>) throws(SecurityError) {
        guard mac.count == macByteCount, mac.lowerBound >= 0, mac.upperBound <= message.byteCount else {
            throw .macLengthInvalid
        }
        var digest = Digest()
        try computeDigest(
            message.extracting(0..<mac.lowerBound), message.extracting(mac.upperBound...), &digest)
        let difference = message.extracting(mac).withUnsafeBytes { received in
            withUnsafeBytes(of: &digest.words) { CRYPTO_memcmp(received.baseAddress, $0.baseAddress, received.count) }
        }
        if difference != 0 { throw .wrongDigest }
    }

    /// Room for the longest digest, on the stack; starts as zeros.
    private struct Digest {
        var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
    }

    /// `digest` comes in as zeros, which first serve as the authentication field.
    private func computeDigest(_ before: RawSpan, _ after: RawSpan, _ digest: inout Digest) throws(SecurityError) {
        try begin()
        try update(before)
        let status = withUnsafeBytes(of: &digest.words) {
            EVP_MAC_update(context, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), macByteCount)
        }
        try check(status)
        try update(after)
        try finish(&digest)
    }

    private func begin() throws(SecurityError) {
        try check(EVP_MAC_init(context, nil, 0, nil))
    }

    private func update(_ bytes: RawSpan) throws(SecurityError) {
        let status = bytes.withUnsafeBytes {
            EVP_MAC_update(context, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count)
        }
        try check(status)
    }

    private func finish(_ digest: inout Digest) throws(SecurityError) {
        let status = withUnsafeMutableBytes(of: &digest.words) {
            EVP_MAC_final(context, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, $0.count)
        }
        try check(status)
    }
}
