// Layer: SNMPAgent. Uses: ObjectRegistry, View, WritableSubtree. Used by: Agent.
// A SET in its phases (RFC 3416, section 4.2.5): all bindings are prepared before the first is committed, and one
// failed commit takes all others back.

import Primitives
import SNMPCodec

/// One SET request while it is processed.
struct SetTransaction {
    let registry: ObjectRegistry
    let view: View
    let request: SetRequest
    let now: Instant

    /// A status with the position of the binding that caused it, counted from 1; 0 for none.
    struct Failure: Error, Equatable {
        let status: ErrorStatus
        let index: Int
    }

    /// Runs all phases; nil when every binding is assigned.
    func run() -> Failure? {
        var prepared: [any WritableSubtree] = []
        prepared.reserveCapacity(request.bindings.count)
        var failure: Failure?
        for (position, binding) in request.bindings.enumerated() {
            do throws(ObjectError) {
                prepared.append(try prepare(binding))
            } catch {
                failure = Failure(status: SetTransaction.testStatus(error.status), index: position + 1)
                break
            }
        }
        if failure == nil { failure = commit(prepared) }
        for (binding, subtree) in zip(request.bindings, prepared) {
            subtree.release(binding, of: request, at: now)
        }
        return failure
    }

    private func prepare(_ binding: VarBind) throws(ObjectError) -> any WritableSubtree {
        // The order of checks is that of RFC 3416, 4.2.5: (1) access, (2) whether anything can be set there at all.
        guard view.contains(binding.name) else { throw ObjectError(.noAccess) }
        guard let subtree = registry.writable(for: binding.name) else { throw ObjectError(.notWritable) }
        // (4): content that does not agree with its tag.
        if case .other = binding.value { throw ObjectError(.wrongEncoding) }
        try subtree.prepare(binding, of: request, at: now)
        return subtree
    }

    private func commit(_ prepared: [any WritableSubtree]) -> Failure? {
        for position in prepared.indices {
            do throws(ObjectError) {
                try prepared[position].commit(request.bindings[position], of: request, at: now)
            } catch {
                return undo(prepared, failed: position)
            }
        }
        return nil
    }

    /// Takes back what was committed before `failed`, last first; goes on when one of them fails.
    private func undo(_ prepared: [any WritableSubtree], failed: Int) -> Failure {
        var isUndone = true
        for position in (0..<failed).reversed() {
            do throws(ObjectError) {
                try prepared[position].undo(request.bindings[position], of: request, at: now)
            } catch {
                isUndone = false
            }
        }
        return isUndone ? Failure(status: .commitFailed, index: failed + 1) : Failure(status: .undoFailed, index: 0)
    }

    /// The statuses that the first phase may give; all others become genErr.
    private static func testStatus(_ status: ErrorStatus) -> ErrorStatus {
        switch status {
        case .noAccess, .notWritable, .wrongType, .wrongLength, .wrongEncoding, .wrongValue, .noCreation,
            .inconsistentName, .inconsistentValue, .resourceUnavailable:
            status
        default: .genErr
        }
    }
}
