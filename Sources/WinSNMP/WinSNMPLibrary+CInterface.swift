// Layer: WinSNMP. Used by: the C library.
// What only the C library needs: it finds some faults itself, such as a missing output, and keeps them where the
// library keeps its own.

import PlatformIO

extension WinSNMPLibrary {
    /// Whether somebody started the library and nobody ended it.
    package var isInitialized: Bool { lock.withLock { instance != nil } }

    /// Keeps an error of the session that owns an entity; the lock is not held. For `throw library.failing(…)`.
    package func failing(_ error: SNMPAPIError, entity: EntityHandle, _ text: String = "") -> SNMPAPIError {
        failing(error, text) { $0.owner(of: entity.rawValue, in: $0.entities) }
    }

    /// Keeps an error of the session that owns a context.
    package func failing(_ error: SNMPAPIError, context: ContextHandle, _ text: String = "") -> SNMPAPIError {
        failing(error, text) { $0.owner(of: context.rawValue, in: $0.contexts) }
    }

    /// Keeps an error of the session that owns a PDU.
    package func failing(_ error: SNMPAPIError, pdu: PDUHandle, _ text: String = "") -> SNMPAPIError {
        failing(error, text) { $0.owner(of: pdu.rawValue, in: $0.pdus) }
    }

    private func failing(
        _ error: SNMPAPIError, _ text: String, _ owner: (Instance) -> SessionRecord?
    ) -> SNMPAPIError {
        lock.withLock { fail(error, text, in: instance.flatMap(owner)) }
    }
}
