// Layer: WinSNMP. Used by: WinSNMPLibrary+Register, TrapService.

import Primitives
import SNMPCodec
import SNMPEngine
import SNMPSecurity

/// A wish for notifications (SnmpRegister). Entities and contexts are compared by what they stand for.
struct Registration {
    /// The agent; nil for any.
    let agent: Named<EntityRecord>?
    /// The community or user; nil for any.
    let context: Named<ContextRecord>?
    /// What the notification's name begins with; nil for any.
    let notification: ObjectIdentifier?

    private var isForAll: Bool { agent == nil && context == nil && notification == nil }

    /// Whether it is the same wish.
    func isSame(as other: Registration) -> Bool {
        hasSameSender(as: other) && notification == other.notification
    }

    /// Whether it makes `other` superfluous: it is for all, the same, or its name is the beginning of the other's.
    func covers(_ other: Registration) -> Bool {
        if isForAll { return true }
        guard hasSameSender(as: other) else { return false }
        guard let notification else { return true }
        return other.notification?.starts(with: notification) ?? false
    }

    private func hasSameSender(as other: Registration) -> Bool {
        agent?.record.address == other.agent?.record.address
            && Registration.identity(context?.record) == Registration.identity(other.context?.record)
    }

    private static func identity(_ context: ContextRecord?) -> [[UInt8]]? {
        guard let context else { return nil }
        guard let user = context.user else { return [context.octets] }
        return [user.contextName, user.credentials.userName]
    }

    /// Whether it asks for this notification.
    func matches(_ received: ReceivedNotification) -> Bool {
        if let agent, agent.record.host != received.source.address.with(port: 0).normalized { return false }
        if let context {
            if let user = context.record.user {
                guard received.version == .v3, user.credentials.userName == received.userName,
                    user.contextName == received.contextName
                else { return false }
            } else {
                guard received.version != .v3, context.record.octets == received.community else { return false }
            }
        }
        return notification.map { received.trapOID.starts(with: $0) } ?? true
    }
}
