// Layer: SNMPSecurity. Uses: USMCredentials, KeyDerivation, Authenticator, PrivacyCipher. Used by: engines.
// One user's keys for one authoritative engine, prepared for use.

/// One user's prepared keys for one authoritative engine.
///
/// Not thread-safe, like its parts. Takes about 2.5 KB, nearly all of it OpenSSL's contexts.
public struct LocalizedKeys {
    /// The authoritative engine the keys belong to (`snmpEngineID`).
    public let engineID: [UInt8]

    /// Signs and checks; nil without authentication.
    public let authenticator: Authenticator?

    /// Encrypts and decrypts; nil without privacy.
    public let cipher: PrivacyCipher?

    /// The dialect by which the privacy key was lengthened, nil when none was needed.
    public let keyExtension: KeyExtension?

    /// Localizes the keys of `credentials` for `engineID`.
    ///
    /// `keyExtension` counts only where `credentials.candidateKeyExtensions` is not empty; nil takes the first
    /// candidate. Passwords go through `cache`. Costs two hashes of a few dozen octets once the master keys are
    /// known, with the Reeder dialect and with 3DES also one 1 MB hash when the digest is shorter than the key.
    /// Throws `passwordTooShort`, `keyLengthInvalid`, `algorithmUnavailable`, `cryptoFailure`.
    public init(
        _ credentials: USMCredentials, engineID: [UInt8], keyExtension: KeyExtension? = nil, cache: MasterKeyCache
    ) throws(SecurityError) {
        self.engineID = engineID
        guard let authentication = credentials.authentication else {
            (authenticator, cipher, self.keyExtension) = (nil, nil, nil)
            return
        }
        let auth = authentication.auth
        authenticator = try Authenticator(
            auth, localizedKey: try Self.localized(authentication.key, auth, engineID, cache))
        guard let privacy = credentials.privacy else {
            (cipher, self.keyExtension) = (nil, nil)
            return
        }
        let candidates = credentials.candidateKeyExtensions
        self.keyExtension = candidates.isEmpty ? nil : keyExtension ?? candidates[0]
        let key = try KeyDerivation.privacyKey(
            localizedKey: try Self.localized(privacy.key, auth, engineID, cache), engineID: engineID, auth: auth,
            priv: privacy.priv, keyExtension: self.keyExtension ?? .blumenthal)
        cipher = try PrivacyCipher(privacy.priv, key: key)
    }

    private static func localized(
        _ source: KeySource, _ auth: AuthProtocol, _ engineID: [UInt8], _ cache: MasterKeyCache
    ) throws(SecurityError) -> SecretBytes {
        switch source.kind {
        case .localizedKey:
            return source.secret
        case .masterKey:
            return try KeyDerivation.localizedKey(masterKey: source.secret, engineID: engineID, auth: auth)
        case .password:
            let masterKey = try cache.masterKey(password: source.secret, auth: auth)
            return try KeyDerivation.localizedKey(masterKey: masterKey, engineID: engineID, auth: auth)
        }
    }
}
