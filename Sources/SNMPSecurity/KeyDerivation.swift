// Layer: SNMPSecurity. Uses: SecretBytes, OpenSSL's hashes. Used by: MasterKeyCache, USMCredentials.
// From password to master key (Ku) to localized key (Kul) to privacy key, in both key extension dialects.

/// The key derivation of the user-based security model, as pure functions.
public enum KeyDerivation {
    /// Shortest password accepted, in octets (RFC 3414, 11.2).
    public static let minimumPasswordByteCount = 8

    /// Octets of repeated password that go into a master key (RFC 3414, A.2).
    static let expandedPasswordByteCount = 1_048_576

    /// The master key Ku: the hash of the password repeated to one megabyte (RFC 3414, A.2).
    ///
    /// Takes one to a few milliseconds on purpose; see `MasterKeyCache`. Throws `passwordTooShort`,
    /// `algorithmUnavailable`, `cryptoFailure`.
    public static func masterKey(
        password: SecretBytes, auth: AuthProtocol
    ) throws(SecurityError) -> SecretBytes {
        guard password.byteCount >= minimumPasswordByteCount else { throw .passwordTooShort }
        return try hashOfExpansion(password, auth)
    }

    /// The localized key Kul for one engine: the hash of Ku, the engine ID and Ku again (RFC 3414, 2.6).
    ///
    /// Throws `keyLengthInvalid` when `masterKey` does not have the digest's length, `algorithmUnavailable`,
    /// `cryptoFailure`.
    public static func localizedKey(
        masterKey: SecretBytes, engineID: [UInt8], auth: AuthProtocol
    ) throws(SecurityError) -> SecretBytes {
        guard masterKey.byteCount == auth.digestByteCount else { throw .keyLengthInvalid }
        let hash = try RunningHash(auth.digestAlgorithm)
        try masterKey.withBytes { (bytes) throws(SecurityError) in try hash.update(bytes) }
        try hash.update(engineID.span.bytes)
        try masterKey.withBytes { (bytes) throws(SecurityError) in try hash.update(bytes) }
        return try digest(hash, auth)
    }

    /// The key for `priv`, cut or lengthened from the localized key `localizedKey` to exactly `priv.keyByteCount`.
    ///
    /// A key of sufficient length is cut (RFC 3414, 8.2.1; RFC 3826, 3.1.2.1). A shorter one is lengthened by
    /// `keyExtension`, 3DES always by Reeder's chain; it must then have the digest's length. Throws
    /// `keyLengthInvalid`, `algorithmUnavailable`, `cryptoFailure`.
    public static func privacyKey(
        localizedKey: SecretBytes, engineID: [UInt8], auth: AuthProtocol, priv: PrivProtocol,
        keyExtension: KeyExtension
    ) throws(SecurityError) -> SecretBytes {
        let needed = priv.keyByteCount
        if localizedKey.byteCount >= needed { return localizedKey.slice(0..<needed) }
        guard localizedKey.byteCount == auth.digestByteCount else { throw .keyLengthInvalid }
        var key = localizedKey
        var lastLink = localizedKey
        while key.byteCount < needed {
            switch priv == .tripleDES ? .reeder : keyExtension {
            case .blumenthal:
                let hash = try RunningHash(auth.digestAlgorithm)
                try key.withBytes { (bytes) throws(SecurityError) in try hash.update(bytes) }
                lastLink = try digest(hash, auth)
            case .reeder:
                let masterKey = try hashOfExpansion(lastLink, auth)
                lastLink = try Self.localizedKey(masterKey: masterKey, engineID: engineID, auth: auth)
            }
            key = key.appending(lastLink)
        }
        return key.slice(0..<needed)
    }

    private static func hashOfExpansion(
        _ secret: SecretBytes, _ auth: AuthProtocol
    ) throws(SecurityError) -> SecretBytes {
        // Whole repetitions, so that feeding the block again continues the sequence where it stopped; about 4 KB
        // keep the number of calls small.
        let block = secret.repeated(max(1, 4_096 / secret.byteCount))
        let hash = try RunningHash(auth.digestAlgorithm)
        var remaining = expandedPasswordByteCount
        while remaining > 0 {
            let step = min(remaining, block.byteCount)
            try block.withBytes { (bytes) throws(SecurityError) in try hash.update(bytes.extracting(first: step)) }
            remaining -= step
        }
        return try digest(hash, auth)
    }

    private static func digest(_ hash: RunningHash, _ auth: AuthProtocol) throws(SecurityError) -> SecretBytes {
        try SecretBytes(byteCount: auth.digestByteCount) { (target) throws(SecurityError) in
            try hash.finish(into: target)
        }
    }
}
