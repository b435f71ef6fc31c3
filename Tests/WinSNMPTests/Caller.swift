import PlatformIO
import Primitives
import SNMPCodec
import Testing
import WinSNMP

/// What a session's callback was told.
struct Notice: Hashable, Sendable {
    var session: SessionHandle
    var wParam: UInt
    var lParam: Int
}

/// A message as tests look at it.
struct Message: Sendable {
    var handles: ReceivedMessage
    var data: PDUData
    var bindings: [VarBind]
}

/// A started library; cleaned up in the end.
final class Started: Sendable {
    let library: WinSNMPLibrary

    init(_ mode: TranslateMode = .untranslatedV2, _ options: WinSNMPOptions = WinSNMPOptions()) throws {
        library = WinSNMPLibrary(options: options)
        try library.startup()
        try library.setTranslateMode(mode.rawValue)
    }

    deinit { try? library.cleanup() }
}

extension WinSNMPOptions {
    /// Options with a trap port of the test's own.
    static func trapPort(_ port: UInt16, shared: Bool = false) -> WinSNMPOptions {
        var options = WinSNMPOptions()
        options.trapPort = port
        options.sharesTrapPort = shared
        return options
    }
}

/// A session whose callback keeps the notices, and what tests do with one.
final class Caller: Sendable {
    let started: Started
    let library: WinSNMPLibrary
    let session: SessionHandle
    let notices: Log<Notice>

    /// A session of `started`, or of a library of its own. `body` is called after each notice was kept.
    init(
        _ started: Started? = nil, mode: TranslateMode = .untranslatedV2, options: WinSNMPOptions = WinSNMPOptions(),
        _ body: @escaping @Sendable (WinSNMPLibrary, Notice) -> Bool = { _, _ in true }
    ) throws {
        let started = try started ?? Started(mode, options)
        let notices = Log<Notice>()
        let library = started.library
        session = try library.createSession { [weak library] session, wParam, lParam in
            let notice = Notice(session: session, wParam: wParam, lParam: lParam)
            notices.append(notice)
            guard let library else { return true }
            return body(library, notice)
        }
        self.started = started
        self.library = library
        self.notices = notices
    }

    /// An entity of this machine. By default requests wait for minutes: tests that release answers themselves may be
    /// held up for long on a busy machine. A timeout of 0 leaves the library's default.
    func entity(
        _ port: UInt16, host: String = "127.0.0.1", timeout: UInt32 = 12_000, retries: UInt32? = nil
    ) throws -> EntityHandle {
        let entity = try library.strToEntity(session, host)
        try library.setPort(entity, UInt32(port))
        if timeout > 0 { try library.setTimeout(entity, timeout) }
        if let retries { try library.setRetry(entity, retries) }
        return entity
    }

    func context(_ community: String = "public") throws -> ContextHandle {
        try library.strToContext(session, Array(community.utf8))
    }

    func vbl(_ bindings: [VarBind]) throws -> VBLHandle { try library.vbl(session, bindings) }

    func pdu(
        _ type: PDUType, _ bindings: [VarBind] = [VarBind(.sysDescr)], id: Int32 = 0, _ first: Int32 = 0,
        _ second: Int32 = 0
    ) throws -> PDUHandle {
        let vbl = try vbl(bindings)
        defer { try? library.freeVbl(vbl) }
        return try library.createPdu(
            session, type: Int32(type.rawValue), requestID: id, errorStatus: first, errorIndex: second, vbl: vbl)
    }

    /// Sends a PDU and frees it; the result is its request-id.
    @discardableResult
    func send(_ pdu: PDUHandle, to entity: EntityHandle, _ context: ContextHandle? = nil) throws -> Int32 {
        let own = try context == nil ? self.context() : nil
        defer {
            try? library.freePdu(pdu)
            if let own { try? library.freeContext(own) }
        }
        let id = try library.pduData(pdu).requestID
        guard let used = context ?? own else { return id }
        try library.sendMsg(session, source: nil, destination: entity, context: used, pdu: pdu)
        return id
    }

    /// The next message; its handles are freed but for what `receive` of the library returns.
    func receive() throws -> Message { try library.message(session) }

    /// Sends a GET and waits for the answer.
    func get(_ entity: EntityHandle, _ name: ObjectIdentifier = .sysDescr) async throws -> Message {
        let before = notices.count
        let id = try send(pdu(.get, [VarBind(name)]), to: entity)
        let notice = try await notices.first(before + 1)[before]
        try #require(notice == Notice(session: session, wParam: 0, lParam: Int(id)))
        return try receive()
    }
}

extension WinSNMPLibrary {
    func vbl(_ session: SessionHandle, _ bindings: [VarBind]) throws -> VBLHandle {
        let vbl = try createVbl(session)
        for binding in bindings { try setVb(vbl, index: 0, name: binding.name, value: binding.value) }
        return vbl
    }

    /// The bindings of a list.
    func bindings(_ vbl: VBLHandle) throws -> [VarBind] {
        var list: [VarBind] = []
        do throws(SNMPAPIError) {
            for index in 1...(try countVbl(vbl)) { list.append(try vb(vbl, index: UInt32(index))) }
        } catch {
            guard error == .noop else { throw error }
        }
        return list
    }

    /// The next message of a session with its content; the PDU and the list are freed.
    func message(_ session: SessionHandle) throws -> Message {
        let handles = try recvMsg(session)
        let data = try pduData(handles.pdu)
        let vbl = try pduVbl(handles.pdu)
        let list = try bindings(vbl)
        try freeVbl(vbl)
        try freePdu(handles.pdu)
        return Message(handles: handles, data: data, bindings: list)
    }

}
