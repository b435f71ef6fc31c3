// Layer: Station. Used by: everything here, StationWeb, the commands.
// The one error type of the station.

public import PlatformIO
public import StationStore

/// Why the station can't do something. `description` says what to do; no secret is in it.
public enum StationError: Error, Hashable, Sendable {
    /// The store failed.
    case store(StoreError)
    /// A socket, or the keys of a user.
    case service(String)
    /// A file or socket of this machine.
    case file(IOError)
    /// What was asked for makes no sense; the text says what and why.
    case invalid(String)
    /// There is no such thing; the text says what.
    case notFound(String)
    /// A station that runs can't be reached, or its answer can't be read.
    case unreachable(String)
}

extension StationError: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .store(let error): error.description
        case .file(let error): error.description
        case .service(let text), .invalid(let text), .notFound(let text), .unreachable(let text): text
        }
    }
}

/// Runs a call of the store with its error as one of the station.
func storing<Result>(_ body: () throws(StoreError) -> Result) throws(StationError) -> Result {
    do throws(StoreError) { return try body() } catch { throw .store(error) }
}
