// Layer: WinSNMPDatabase. Uses: Sealing, PlatformIO (files). Used by: CredentialReference, Station.
// Secrets that stand in the database encrypted. The context's name and the member are bound in, so that a secret that
// is copied to another entry, which may lead to another machine, can't be opened there.

import PlatformIO
import Sealing
import SNMPSecurity

/// Which of a context's secrets is meant.
public enum SecretMember: String, Hashable, Sendable, CaseIterable {
    /// The community.
    case community
    /// The password for signing.
    case authPassword
    /// The password for encrypting.
    case privPassword
}

/// A key that secrets are sealed with, out of a file of 32 bytes that nobody but its owner may read.
public struct SecretKeyFile: Sendable {
    /// Its whole path.
    public let path: String
    private let key: SealingKey

    /// Reads it. Throws `DatabaseError.secret` if others may read it or it has not 32 bytes, `.file` if it can't be
    /// read.
    public init(_ path: String) throws(DatabaseError) {
        self.path = path
        var bytes: [UInt8]
        let status: FileStatus
        do throws(IOError) { (bytes, status) = try FileAccess.readWithStatus(path, limit: 4_096) } catch {
            guard error.isTooLong else { throw .file(error) }
            throw Self.wrongLength(path)
        }
        defer { for index in bytes.indices { bytes[index] = 0 } }
        guard status.permissions & 0o077 == 0 else {
            throw .secret(
                source: "key file \(path)", problem: "other users may read it; take that away: chmod 600 '\(path)'")
        }
        guard let key = SealingKey(bytes) else { throw Self.wrongLength(path) }
        self.key = key
    }

    private static func wrongLength(_ path: String) -> DatabaseError {
        .secret(source: "key file \(path)", problem: "it has not 32 bytes; put it back from a copy")
    }

    /// Seals a secret for a context's member. Throws `DatabaseError.invalid` for one of no or of more than 4096 octets,
    /// `.secret` if libcrypto fails.
    public func seal(
        _ secret: [UInt8], of entry: String, _ member: SecretMember
    ) throws(DatabaseError) -> CredentialReference {
        guard (1...CredentialReference.maximumFileByteCount).contains(secret.count) else {
            throw .invalid(entry: entry, member: member.rawValue, problem: "a secret has 1 to 4096 octets")
        }
        do throws(SealingError) {
            return .sealed(try key.seal(secret, context: Self.context(entry, member)), keyFile: path)
        } catch {
            throw .secret(source: "key file \(path)", problem: "libcrypto failed to encrypt")
        }
    }

    /// Opens what `seal` gave; `DatabaseError.secret` if that isn't possible.
    func open(_ sealed: [UInt8], of entry: String, _ member: SecretMember) throws(DatabaseError) -> SecretBytes {
        do throws(SealingError) {
            var plain = try key.open(sealed, context: Self.context(entry, member))
            defer { for index in plain.indices { plain[index] = 0 } }
            return SecretBytes(plain)
        } catch {
            throw .secret(
                source: "\(entry): \(member.rawValue)",
                problem: "it can't be opened with the key in \(path); it was sealed with another one, for another"
                    + " entry, or is damaged")
        }
    }

    /// Whether a reference is this secret, sealed with this key for this member.
    public func isSealed(
        _ reference: CredentialReference, _ secret: [UInt8], of entry: String, _ member: SecretMember
    ) -> Bool {
        guard case .sealed(let bytes, path) = reference else { return false }
        return (try? open(bytes, of: entry, member)) == SecretBytes(secret)
    }

    /// What is bound in. No name has a NUL.
    private static func context(_ entry: String, _ member: SecretMember) -> [UInt8] {
        Array("oriel winsnmp\0\(entry)\0\(member.rawValue)".utf8)
    }
}

extension CredentialReference {
    /// How many bytes a sealed secret has.
    static let sealedByteCounts = (SealingKey.overheadByteCount + 1)...(SealingKey.overheadByteCount + 4_096)

    static func open(
        _ sealed: [UInt8], _ keyFile: String, _ entry: String, _ member: SecretMember
    ) throws(DatabaseError) -> SecretBytes {
        try SecretKeyFile(keyFile).open(sealed, of: entry, member)
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Nil for what are no hexadecimal digits, an odd number of them, or more than a secret has.
    static func bytes(hex text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0, digits.count <= 2 * sealedByteCounts.upperBound else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[place]), let low = value(digits[place + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
