// Layer: WinSNMP. Used by: the C library, applications.
// Entities and contexts: from strings, to strings, and their properties.

import PlatformIO
import Primitives
import SNMPCodec
import SNMPEngine
import WinSNMPDatabase

extension WinSNMPLibrary {
    // MARK: Entities

    /// Makes an entity from a string (SnmpStrToEntity): an IPv4, IPv6 or IPX address; in translated mode the name of an
    /// entity in the database, an address, `udp:HOST:PORT`, `tcp:HOST:PORT`, or a host name, which is looked up and may
    /// take seconds.
    ///
    /// The version of SNMP to talk to it is that of the translation mode now. Throws `sessionInvalid`, `entityUnknown`,
    /// `allocError`.
    public func strToEntity(_ session: SessionHandle, _ text: String) throws(SNMPAPIError) -> EntityHandle {
        try strToEntity(session, text: { text })
    }

    /// The same, reading the string after the session was checked.
    package func strToEntity(
        _ session: SessionHandle, text: () throws(SNMPAPIError) -> String
    ) throws(SNMPAPIError) -> EntityHandle {
        let (mode, text) = try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            return (instance.translateMode, try recording(in: owner, text))
        }
        let entity: EntityRecord
        if mode == .translated {
            entity = try translatedEntity(text, session)
        } else {
            let version = mode == .untranslatedV1 ? SNMPVersion.v1 : .v2c
            guard let address = WinSNMPLibrary.literalAddress(text) else {
                throw failing(.entityUnknown, session: session, "'\(text.prefix(80))' is no address")
            }
            entity = newEntity(address, version)
        }
        return try add(entity, to: session)
    }

    func newEntity(_ address: EntityRecord.Address, _ version: SNMPVersion) -> EntityRecord {
        let (timeout, retries) = lock.withLock { (options.defaultTimeout, options.defaultRetries) }
        return EntityRecord(address, version, timeout: timeout, retries: retries)
    }

    func add(_ entity: EntityRecord, to session: SessionHandle) throws(SNMPAPIError) -> EntityHandle {
        try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            return try insert(entity, owner, instance)
        }
    }

    /// Makes a handle for an entity; the lock is held.
    func insert(
        _ entity: EntityRecord, _ owner: SessionRecord, _ instance: Instance
    ) throws(SNMPAPIError) -> EntityHandle {
        guard let handle = instance.entities.insert(entity, owner: owner.slot, limit: options.maximumHandles) else {
            throw fail(.allocError, "there are \(options.maximumHandles) entities already", in: owner)
        }
        return EntityHandle(rawValue: handle)
    }

    /// An address as untranslated modes read it.
    static func literalAddress(_ text: String) -> EntityRecord.Address? {
        if let ipx = IPXAddress(text) { return .ipx(ipx) }
        var text = text[...]
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        // A port after the address is no part of these strings.
        guard !text.isEmpty,
            let address = try? SocketAddress(
                numericHost: String(text), port: 0, interfaceIndex: AddressResolver.interfaceIndex)
        else { return nil }
        return .ip(address.normalized, .udp)
    }

    /// The string of an entity (SnmpEntityToStr): its address without a port; in translated mode its name in the
    /// database if it has one. Throws `entityInvalid`.
    public func entityToStr(_ entity: EntityHandle) throws(SNMPAPIError) -> String {
        try withEntity(entity) { record, instance, _ in
            if instance.translateMode == .translated, let name = record.friendlyName { return name }
            return record.text
        }
    }

    /// Gives one reference to an entity back (SnmpFreeEntity). An entity that listens stops. Throws `entityInvalid`.
    public func freeEntity(_ entity: EntityHandle) throws(SNMPAPIError) {
        let listener = try withInstance { instance throws(SNMPAPIError) -> Listener? in
            let (isLive, last) = instance.entities.release(entity.rawValue)
            guard isLive else { throw fail(.entityInvalid) }
            return last?.listener.take()
        }
        listener?.close()
    }

    /// Sets the port that messages to the entity go to, or that it listens on, 1...65,535 (SnmpSetPort).
    /// Throws `entityInvalid`, `operationInvalid` while it listens, `tlInvalidParam`.
    public func setPort(_ entity: EntityHandle, _ port: UInt32) throws(SNMPAPIError) {
        try withEntity(entity) { record, _, owner throws(SNMPAPIError) in
            guard record.listener == nil else { throw fail(.operationInvalid, "the entity listens", in: owner) }
            guard let port = UInt16(exactly: port), port > 0 else {
                throw fail(.tlInvalidParam, "port \(port)", in: owner)
            }
            record.port = port
            record.hasOwnPort = true
        }
    }

    /// The time an attempt waits, in hundredths of a second (SnmpGetTimeout): as set; and
    /// the last answer's, 0 if there was none. Throws `entityInvalid`.
    public func timeout(_ entity: EntityHandle) throws(SNMPAPIError) -> (policy: UInt32, actual: UInt32) {
        try withEntity(entity) { record, _, _ in (record.timeout, record.actualTimeout) }
    }

    /// Sets the time an attempt waits, in hundredths of a second, for requests from now on (SnmpSetTimeout); 0 for the
    /// library's default. Throws `entityInvalid`.
    public func setTimeout(_ entity: EntityHandle, _ policy: UInt32) throws(SNMPAPIError) {
        try withEntity(entity) { record, _, _ in record.timeout = policy }
    }

    /// The attempts after the first (SnmpGetRetry): as set, and as the last answer took. Throws `entityInvalid`.
    public func retry(_ entity: EntityHandle) throws(SNMPAPIError) -> (policy: UInt32, actual: UInt32) {
        try withEntity(entity) { record, _, _ in (record.retries, record.actualRetries) }
    }

    /// Sets the attempts after the first for requests from now on (SnmpSetRetry); beyond 255 counts as 255.
    /// Throws `entityInvalid`.
    public func setRetry(_ entity: EntityHandle, _ policy: UInt32) throws(SNMPAPIError) {
        try withEntity(entity) { record, _, _ in record.retries = policy }
    }

    /// Throws `entityInvalid` unless the handle is alive.
    package func check(_ entity: EntityHandle) throws(SNMPAPIError) { try withEntity(entity) { _, _, _ in } }

    /// Runs `body` with a live entity and the session that owns it, under the lock.
    func withEntity<Result>(
        _ entity: EntityHandle,
        _ body: (EntityRecord, Instance, SessionRecord?) throws(SNMPAPIError) -> Result
    ) throws(SNMPAPIError) -> Result {
        try withInstance { instance throws(SNMPAPIError) in
            guard let record = instance.entities[entity.rawValue] else { throw fail(.entityInvalid) }
            return try body(record, instance, instance.owner(of: entity.rawValue, in: instance.entities))
        }
    }

    // MARK: Contexts

    /// Makes a context (SnmpStrToContext): a community; in translated mode the name of a context in the database, else
    /// a community. Throws `sessionInvalid`, `contextInvalid` for no octets, `contextUnknown` when the database can't
    /// give what it names, `allocError`.
    public func strToContext(_ session: SessionHandle, _ octets: [UInt8]) throws(SNMPAPIError) -> ContextHandle {
        try strToContext(session, octets: { octets })
    }

    /// The same, reading the octets after the session was checked.
    package func strToContext(
        _ session: SessionHandle, octets: () throws(SNMPAPIError) -> [UInt8]
    ) throws(SNMPAPIError) -> ContextHandle {
        let (mode, octets) = try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            let octets = try recording(in: owner, octets)
            guard !octets.isEmpty else { throw fail(.contextInvalid, "a context of no octets", in: owner) }
            return (instance.translateMode, octets)
        }
        let context = mode == .translated ? try translatedContext(octets, session) : ContextRecord(octets)
        return try add(context, to: session)
    }

    func add(_ context: ContextRecord, to session: SessionHandle) throws(SNMPAPIError) -> ContextHandle {
        try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            return try insert(context, owner, instance)
        }
    }

    /// Makes a handle for a context; the lock is held.
    func insert(
        _ context: ContextRecord, _ owner: SessionRecord, _ instance: Instance
    ) throws(SNMPAPIError) -> ContextHandle {
        guard let handle = instance.contexts.insert(context, owner: owner.slot, limit: options.maximumHandles) else {
            throw fail(.allocError, "there are \(options.maximumHandles) contexts already", in: owner)
        }
        return ContextHandle(rawValue: handle)
    }

    /// The octets of a context (SnmpContextToStr): the community; in translated mode its name in the database if it has
    /// one; for SNMPv3 the context's name. Throws `contextInvalid`.
    public func contextToStr(_ context: ContextHandle) throws(SNMPAPIError) -> [UInt8] {
        try withInstance { instance throws(SNMPAPIError) in
            guard let record = instance.contexts[context.rawValue] else { throw fail(.contextInvalid) }
            if instance.translateMode == .translated, let name = record.friendlyName { return Array(name.utf8) }
            return record.octets
        }
    }

    /// Gives one reference to a context back (SnmpFreeContext). Throws `contextInvalid`.
    public func freeContext(_ context: ContextHandle) throws(SNMPAPIError) {
        try withInstance { instance throws(SNMPAPIError) in
            guard instance.contexts.release(context.rawValue).isLive else { throw fail(.contextInvalid) }
        }
    }

    /// Throws `contextInvalid` unless the handle is alive.
    package func check(_ context: ContextHandle) throws(SNMPAPIError) {
        try withInstance { instance throws(SNMPAPIError) in
            guard instance.contexts[context.rawValue] != nil else { throw fail(.contextInvalid) }
        }
    }
}
