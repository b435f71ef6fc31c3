import PlatformIO
import Primitives
import SNMP
import SNMPAgent
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import Testing
import WinSNMP

@Suite(.serialized, .timeLimit(.minutes(6)))
struct SmokeTests {
    @Test func getAndClose() async throws {
        let configuration = AgentConfiguration(
            engineID: EngineID([0x80, 0, 0x1F, 0x88, 4, 1]), engineBoots: 7,
            communities: [Community(Array("public".utf8))],
            access: .readWrite(minimumUserLevel: .noAuthNoPriv), firstSalt: 1)
        let agent = Agent(configuration, start: SystemClock.now, cache: MasterKeyCache())
        try agent.register(
            ScalarGroup(root: [1, 3, 6, 1, 4, 1, 55_555, 1], [.constant(1, .string("an agent of ours"))]))
        let server = try AgentServer(agent, endpoints: [ServiceEndpoint(.loopbackIPv4(port: 0))])
        defer { server.close() }

        let library = WinSNMPLibrary()
        try library.startup()
        let (stream, continuation) = AsyncStream.makeStream(of: (UInt, Int).self)
        let session = try library.createSession { _, wParam, lParam in
            continuation.yield((wParam, lParam))
            return true
        }
        let entity = try library.strToEntity(session, "127.0.0.1")
        try library.setPort(entity, UInt32(server.endpoints[0].address.port))
        let context = try library.strToContext(session, Array("public".utf8))
        let vbl = try library.createVbl(session, name: [1, 3, 6, 1, 4, 1, 55_555, 1, 1, 0])
        let pdu = try library.createPdu(session, type: 0xA0, vbl: vbl)
        let id = try library.pduData(pdu).requestID
        try library.sendMsg(session, source: nil, destination: entity, context: context, pdu: pdu)
        var notices = stream.makeAsyncIterator()
        let notice = await notices.next()
        #expect(notice?.0 == 0)
        #expect(notice?.1 == Int(id))
        let message = try library.recvMsg(session)
        #expect(message.source == entity)
        #expect(message.context == context)
        let data = try library.pduData(message.pdu)
        #expect(data.type == 0xA2)
        #expect(data.requestID == id)
        let answer = try library.vb(try library.pduVbl(message.pdu), index: 1)
        #expect(answer.value == .string("an agent of ours"))
        #expect(throws: SNMPAPIError.noop) { try library.recvMsg(session) }
        try library.close(session)
        #expect(throws: SNMPAPIError.entityInvalid) { try library.freeEntity(entity) }
        try library.cleanup()
    }
}
