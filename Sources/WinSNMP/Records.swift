// Layer: WinSNMP. Uses: SNMP. Used by: WinSNMPLibrary.
// What handles stand for. Guarded by the library's lock, but for what is constant.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity

/// An entity.
final class EntityRecord {
    /// Where it is. IPX addresses can be named, but nothing can be sent to them.
    enum Address: Equatable {
        /// An address whose port is 0, and the transport.
        case ip(SocketAddress, Transport)
        case ipx(IPXAddress)
    }

    var address: Address { didSet { isLocalKnown = nil } }
    var version: SNMPVersion
    var friendlyName: String?
    /// Port for requests, and to listen on.
    var port: UInt16
    /// Port for notifications, unless the application has set one for all.
    var notificationPort: UInt16 = 162
    var hasOwnPort = false
    /// Hundredths of a second; 0 for the library's default.
    var timeout: UInt32
    var retries: UInt32
    /// Measured with the last answer: hundredths of a second, and retries it took.
    var actualTimeout: UInt32 = 0
    var actualRetries: UInt32 = 0
    var maximumMessageSize: UInt32 = 65_507
    var engineID: [UInt8] = []

    /// Whether messages can leave from here: it is an address of this machine, or none in particular.
    var isLocal: Bool {
        if let known = isLocalKnown { return known }
        let isLocal = host.map { $0.isAny || UDPSocket.isLocal($0) } ?? false
        isLocalKnown = isLocal
        return isLocal
    }
    private var isLocalKnown: Bool?

    /// What requests were sent through the last time.
    var link: TargetLink?
    /// The port it listens on.
    var listener: Listener?
    /// How to answer it, when it stands for the sender of a request.
    var replyPath: ReplyPath?
    /// The local address that faces it, found out once.
    var localAddress: SocketAddress?

    init(_ address: Address, _ version: SNMPVersion, timeout: UInt32, retries: UInt32) {
        self.address = address
        self.version = version
        self.timeout = timeout
        self.retries = retries
        if case .ipx = address { port = IPXAddress.requestPort } else { port = 161 }
    }

    /// The address as people write it, without a port; a zone by its interface's name.
    var text: String {
        switch address {
        case .ipx(let address): return address.text
        case .ip(let address, _):
            guard address.scope != 0, let name = AddressResolver.interfaceName(address.scope),
                let end = address.host.firstIndex(of: "%")
            else { return address.host }
            return address.host[...end] + name
        }
    }

    /// The address without a port; nil for IPX.
    var host: SocketAddress? {
        guard case .ip(let address, _) = address else { return nil }
        return address
    }

    /// Address and transport of messages of a type; nil for IPX.
    func peer(isNotification: Bool) -> Peer? {
        guard case .ip(let address, let transport) = address else { return nil }
        return Peer(address.with(port: isNotification && !hasOwnPort ? notificationPort : port), transport)
    }
}

/// A target of the SNMP library with what it was made for, so that it is made again only when that changes.
struct TargetLink {
    let peer: Peer
    let version: SNMPVersion
    let context: ContextRecord
    let contextRevision: Int
    let target: SNMPTarget
}

/// A context.
final class ContextRecord {
    /// The community, or the name of a context of SNMPv3.
    var octets: [UInt8]
    var friendlyName: String?
    /// For SNMPv3.
    var user: UserContext?
    /// Counts changes.
    var revision = 0

    init(_ octets: [UInt8]) { self.octets = octets }
}

/// The SNMPv3 part of a context.
struct UserContext {
    var credentials: USMCredentials
    var contextName: [UInt8]
    var contextEngineID: EngineID
    /// As the application gave it.
    var info: ContextInfo
}

/// A PDU.
final class PDURecord {
    var type: Int32
    var requestID: Int32
    /// Error-status, or the non-repeaters of a GETBULK.
    var errorStatus: Int32
    /// Error-index, or the max-repetitions of a GETBULK.
    var errorIndex: Int32
    var bindings: [VarBind]

    init(type: Int32, requestID: Int32, errorStatus: Int32, errorIndex: Int32, _ bindings: [VarBind]) {
        self.type = type
        self.requestID = requestID
        self.errorStatus = errorStatus
        self.errorIndex = errorIndex
        self.bindings = bindings
    }
}

/// A variable binding list.
final class VBLRecord {
    var bindings: [VarBind]
    init(_ bindings: [VarBind]) { self.bindings = bindings }
}

/// A record together with the handle that the application knows it by, which may be dead by now; 0 for none.
struct Named<Record: AnyObject> {
    let handle: UInt64
    let record: Record
}

/// A message that waits for `recvMsg`.
struct WaitingMessage {
    var source: Named<EntityRecord>?
    var destination: Named<EntityRecord>?
    var context: Named<ContextRecord>?
    var pdu: PDURecord
    /// The reason, when this is a message that could not be sent or was not answered.
    var failure: SNMPAPIError?
    var text = ""
}

/// What a session's application is to be told.
struct SessionNotice {
    var wParam: UInt
    var requestID: Int32
}

/// How a session is told.
enum SessionDelivery {
    case callback(SNMPCallback)
    case window(UInt, UInt32)
    case polling
}

/// A session.
final class SessionRecord {
    /// Notifications and requests that wait for `recvMsg`, at most; more are dropped, as an agent or a flood could
    /// otherwise fill the memory. Responses are as many as requests.
    static let maximumWaiting = 65_536

    let slot: Int
    var handle = SessionHandle(rawValue: 0)
    let delivery: SessionDelivery
    let dispatcher: Dispatcher
    var isClosed = false
    var queue = Fifo<WaitingMessage>()
    var notices = Fifo<SessionNotice>()
    /// Whether it stands in the dispatcher's queue, or is being served.
    var isScheduled = false
    /// The thread that is in its callback; 0 for none.
    var callbackThread: UInt = 0
    var outstanding: [Int32: Outstanding] = [:]
    var registrations: [Registration] = []
    /// Number of the last error, and its sentence.
    var lastError: UInt32 = 1
    var lastErrorText = ""
    /// Raised while notices or messages wait; made when somebody asks.
    var flag: EventFlag?
    var isFlagRaised = false

    init(slot: Int, _ delivery: SessionDelivery, _ dispatcher: Dispatcher) {
        self.slot = slot
        self.delivery = delivery
        self.dispatcher = dispatcher
    }

    /// All requests under way, those behind others with the same request-id too.
    func forEachRequest(_ body: (Outstanding) -> Void) {
        for first in outstanding.values {
            var request: Outstanding? = first
            while let current = request {
                body(current)
                request = current.next
            }
        }
    }
}

/// A request from `sendMsg` to its end.
final class Outstanding: @unchecked Sendable {
    enum State { case underway, cancelled, ended }

    // Constant.
    let session: SessionRecord
    let requestID: Int32
    let destination: Named<EntityRecord>
    let source: Named<EntityRecord>?
    let context: Named<ContextRecord>
    let pdu: PDURecord
    let request: Request
    let peer: Peer

    // Guarded by the library's lock.
    var state = State.underway
    /// Retransmission is off: the application watches the time.
    var isHeld: Bool
    var target: SNMPTarget?
    var token: RequestToken?
    var pool = 0
    /// An older one is answered first: the next with the same request-id.
    var next: Outstanding?

    init(
        _ session: SessionRecord, destination: Named<EntityRecord>, source: Named<EntityRecord>?,
        context: Named<ContextRecord>, pdu: PDURecord, request: Request, peer: Peer, isHeld: Bool
    ) {
        self.session = session
        self.destination = destination
        self.source = source
        self.context = context
        self.pdu = pdu
        self.request = request
        self.peer = peer
        self.isHeld = isHeld
        requestID = pdu.requestID
    }
}

/// A queue; what leaves at the front is given up at once, the memory now and then.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { head == elements.count }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = elements[head].take()
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: elements.count <= 1_024)
            head = 0
        } else if head >= 64, head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    mutating func removeAll() {
        elements = []
        head = 0
    }

    mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        elements = elements[head...].filter { $0.map { !isUnwanted($0) } ?? false }
        head = 0
    }
}
