// Layer: StationStore. Used by: everything here and whoever uses the store.
// The one error type of the store.

public import ESE
public import PlatformIO

/// What went wrong with the store. `description` says where and what to do; no secret is in it.
public enum StoreError: Error, Hashable, Sendable {
    /// Another process (or another store of this one) has the data directory; its number if that is known.
    case inUse(directory: String, process: Int32?)
    /// Others may read the key file.
    case keyExposed(path: String, permissions: UInt32)
    /// The key file has not 32 bytes.
    case keyInvalid(path: String, byteCount: Int)
    /// There is a database but no key file, so its secrets can't be read.
    case keyMissing(path: String)
    /// A call for a file failed.
    case file(IOError)
    /// The disk is full. What was to be written isn't; everything else is as it was.
    case full
    /// The database failed. What was to be written isn't.
    case database(JetError)
    /// The database is there and can't be opened.
    case unopenable(path: String, JetError)
    /// A newer program made the database.
    case newerFormat(found: Int32)
    /// A name that no device can have.
    case nameInvalid(String)
    /// Another device has the name, perhaps with letters of another case.
    case nameTaken(String)
    /// There is no device of this number.
    case noDevice(Int32)
    /// There is no series of this number.
    case noSeries(Int32)
    /// The secrets of a device are damaged, or were sealed with another key.
    case secretsUnreadable(device: Int32)
    /// Secrets of more than 64 KiB.
    case secretsTooLong
    /// A stored record makes no sense; the text says which.
    case damaged(String)
    /// The library for encryption failed.
    case encryptionFailed
    /// The store was closed.
    case closed

    /// The database's error; a full disk has a name of its own.
    init(_ error: JetError) {
        switch error {
        case .diskFull, .logDiskFull, .instanceUnavailableDueToFatalLogDiskFull: self = .full
        default: self = .database(error)
        }
    }

    /// Whether the database said so, and may be over.
    var isOfDatabase: Bool {
        switch self {
        case .full, .database: true
        default: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .inUse(let directory, let process):
            let who = process.map { "process \($0)" } ?? "another process"
            return "the data directory \(directory) is in use by \(who); stop it, or name another directory"
        case .keyExposed(let path, let permissions):
            return "others may read the key file \(path) (mode \(String(permissions, radix: 8))); "
                + "run: chmod 600 \(path)"
        case .keyInvalid(let path, let count):
            return "the key file \(path) has \(count) bytes instead of 32; put it back from a copy"
        case .keyMissing(let path):
            return "there is a database but no key file \(path); put it back from a copy, or make a new one "
                + "(head -c 32 /dev/urandom > \(path); chmod 600 \(path)) and give the devices' secrets again"
        case .file(let error): return error.description
        case .full: return "the disk is full: nothing was recorded; make room, recording goes on by itself"
        case .database(let error): return "the database failed: \(error)"
        case .unopenable(let path, let error):
            return "the database \(path) can't be opened: \(error) See what is wrong with: oriel db verify \(path); "
                + "put the data directory back from a copy, or move it away to begin anew"
        case .newerFormat(let found):
            return "the database has format \(found), this program knows \(StoreTables.format); use a newer program"
        case .nameInvalid(let name):
            return "\"\(name)\" can't be a device's name: 1 to \(DeviceRecord.nameLimit) characters, none of them "
                + "a control character or a blank at an end"
        case .nameTaken(let name): return "there is a device \"\(name)\" already; choose another name"
        case .noDevice(let id): return "there is no device \(id)"
        case .noSeries(let id): return "there is no series \(id)"
        case .secretsUnreadable(let device):
            return "the secrets of device \(device) can't be read with the key of this directory; give them again"
        case .secretsTooLong: return "the device's secrets have more than 64 KiB"
        case .damaged(let what): return "\(what) is damaged"
        case .encryptionFailed: return "libcrypto failed to encrypt or decrypt"
        case .closed: return "the store is closed"
        }
    }
}
