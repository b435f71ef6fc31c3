@testable import WinSNMPDatabase

extension DatabaseError {
    /// The member that a malformed file's error names.
    var member: String? { if case .malformed(_, _, let member, _) = self { member } else { nil } }

    var line: Int? { if case .malformed(_, let line, _, _) = self { line } else { nil } }
}
