import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// Somebody who sends notifications to a trap port.
final class TrapSender {
    let socket: UDPSocket
    let target: SocketAddress

    init(_ port: UInt16, from local: SocketAddress = .loopbackIPv4(port: 0)) throws {
        socket = try UDPSocket(binding: local)
        target = local.family == .ipv4 ? .loopbackIPv4(port: port) : .loopbackIPv6(port: port)
    }

    func send(_ octets: [UInt8]) throws { _ = try socket.send(octets, to: target) }

    /// A notification of SNMPv2.
    static func pdu(
        _ name: ObjectIdentifier, _ type: PDUType = .trap, id: Int32 = 1, more: [VarBind] = []
    ) -> PDU {
        PDU(
            type, requestID: id,
            [VarBind(.sysUpTime, .timeTicks(5)), VarBind(.snmpTrapOID, .objectIdentifier(name))] + more)
    }

    func trap(_ name: ObjectIdentifier, id: Int32 = 1, community: String = "public") throws {
        try send(octets(TrapSender.pdu(name, id: id), community: community))
    }

    func trapV1(_ trap: TrapV1PDU, community: String = "public") throws {
        try send(
            CommunityMessage(version: .v1, community: Array(community.utf8), pdu: .trapV1(trap)).encoded())
    }

    /// The next datagram that comes back, within ten seconds; nil when `expecting` is false and nothing comes soon.
    func receive(expecting: Bool = true) throws -> [UInt8]? {
        guard try socket.waitReadable(timeout: expecting ? .seconds(10) : .milliseconds(150)) else { return nil }
        var first: [UInt8]?
        _ = try socket.receiveBatch { bytes, _, _, _ in if first == nil { first = Array(bytes) } }
        return first
    }
}

/// A library with a trap port of its own, somebody who sends to it, and a session.
struct TrapRig {
    let started: Started
    let caller: Caller
    let sender: TrapSender
    let port: UInt16
    var library: WinSNMPLibrary { caller.library }
    var session: SessionHandle { caller.session }

    init(_ change: (inout WinSNMPOptions) -> Void = { _ in }) throws {
        port = try freePort()
        var options = WinSNMPOptions.trapPort(port)
        change(&options)
        started = try Started(.untranslatedV2, options)
        caller = try Caller(started)
        sender = try TrapSender(port)
    }

    /// Sends one notification for each name, and says which of them the session got. A last one, for which another
    /// session is registered, says when all have been looked at.
    func delivered(
        _ names: [ObjectIdentifier], _ sender: TrapSender? = nil, community: String = "public"
    ) async throws
        -> [Int32]
    {
        let watcher = try Caller(started)
        let last: ObjectIdentifier = [1, 3, 6, 1, 4, 1, 98_765]
        try library.register(watcher.session, notification: last, isOn: true)
        let before = caller.notices.count
        for (number, name) in names.enumerated() {
            try (sender ?? self.sender).trap(name, id: Int32(number + 1), community: community)
        }
        try (sender ?? self.sender).trap(last, id: 999)
        _ = try await watcher.notices.first(1)
        try library.register(watcher.session, notification: last, isOn: false)
        try library.close(watcher.session)
        // Notices are given by other threads; messages are in the queue already.
        var ids: [Int32] = []
        while let message = try? caller.receive() {
            #expect(message.data.type == 0xA7)
            if message.data.requestID != 999 { ids.append(message.data.requestID) }
        }
        let expected = before + ids.count
        let isTold = try await eventually { caller.notices.count >= expected }
        #expect(isTold)
        return ids
    }
}
