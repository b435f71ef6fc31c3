// Layer: OrielCommand. Used by: every command.
// Why a command ends early: the status and what to tell the user.

import JSON
import PlatformIO
import SNMP
import SNMPEngine
import SNMPNames
import WinSNMPDatabase

/// A failure that ends a command.
struct CommandError: Error {
    let status: ExitStatus
    /// For people, one line; empty when there is nothing to say.
    let message: String
    let kind: Kind

    /// What kind of failure it is, as `--json` says it.
    enum Kind: String {
        case usage, noAnswer, refused, interrupted, incomplete, localFailure
        /// There is no database that could be opened.
        case notOpened
        /// The database has no such table, column, index or page.
        case notFound

        init(_ status: ExitStatus) {
            self =
                switch status {
                case .usage: .usage
                case .noAnswer: .noAnswer
                case .refused: .refused
                case .interrupted: .interrupted
                case .incomplete: .incomplete
                case .localFailure, .brokenPipe, .success: .localFailure
                }
        }
    }

    init(_ status: ExitStatus, _ message: String, kind: Kind? = nil) {
        self.status = status
        self.message = message
        self.kind = kind ?? Kind(status)
    }

    init(_ error: UsageError) { self.init(.usage, error.message) }

    init(_ error: NameError) { self.init(.usage, error.description) }

    init(_ error: IOError) {
        self.init(error.isBrokenPipe ? .brokenPipe : .localFailure, error.isBrokenPipe ? "" : error.description)
    }

    init(_ error: DatabaseError) {
        let status: ExitStatus =
            switch error {
            case .invalid: .usage
            case .readOnly: .incomplete
            default: .localFailure
            }
        self.init(status, error.description)
    }

    init(_ error: ResolutionError) {
        if case .syntax = error {
            self.init(.usage, error.description)
        } else {
            self.init(.localFailure, error.description)
        }
    }

    init(_ error: SNMPServiceError) { self.init(.localFailure, error.description) }

    /// The failure of a request to `peer`, with the names as people write them.
    init(_ error: SNMPError, peer: String) {
        let status = Self.status(of: error)
        var text = error.description
        if case .agent(let code, _, let name?) = error {
            text = "the agent answered \(code) for \(NameTable.standard.format(name))"
        }
        if case .request(.cancelled) = error { text = "interrupted" }
        // What the transport says may name the peer already.
        self.init(status, text.contains(peer) ? text : "\(peer): \(text)")
    }

    static func status(of error: SNMPError) -> ExitStatus {
        switch error {
        case .agent: .refused
        case .malformed: .noAnswer
        case .unencodable: .usage
        case .closed: .localFailure
        case .request(let failure): status(of: failure)
        }
    }

    static func status(of failure: RequestFailure) -> ExitStatus {
        switch failure {
        case .timeout, .transport: .noAnswer
        case .cancelled: .interrupted
        case .notExpressible: .usage
        case .refused: .refused
        case .tooLarge, .tooManyRequests, .requestIDInUse, .security: .localFailure
        }
    }
}

extension JSONObject {
    /// What stands for a failure, as the last line of the output.
    static func failure(_ error: CommandError) -> JSONObject {
        var object = JSONObject()
        object.add("error", error.kind.rawValue)
        object.add("message", error.message)
        return object
    }
}
