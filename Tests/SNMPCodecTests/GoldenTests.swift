import Foundation
import SNMPCodec
import SNMPTestKit
import Testing

/// Messages of net-snmp: see Vectors/SOURCES.md.
@Suite struct GoldenTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let label: String
        let octets: [UInt8]
        var testDescription: String { label }
    }

    static let vectors: [Vector] = {
        guard let url = Bundle.module.url(forResource: "net-snmp", withExtension: "hex", subdirectory: "Vectors"),
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").map { line in
            let parts = line.split(separator: " ")
            return Vector(label: String(parts[0]), octets: hex(parts[1]))
        }
    }()

    static func message(_ label: String) throws -> DecodedMessage {
        let vector = try #require(vectors.first { $0.label == label }, "no vector \(label)")
        return try DecodedMessage(decoding: vector.octets)
    }

    static func pdu(_ label: String) throws -> PDU {
        guard case .pdu(let pdu)? = try message(label).pdu else { throw BERError(.unknownPDUType, at: 0) }
        return pdu
    }

    @Test func allVectorsAreThere() { #expect(Self.vectors.count == 119) }

    @Test(arguments: vectors)
    func decodesWithoutDeviationAndEncodesBack(vector: Vector) throws {
        var deviations = Deviations()
        let message = try DecodedMessage(decoding: vector.octets.span.bytes, &deviations)
        #expect(try message.encoded() == vector.octets)
        #expect(deviations == [], "\(deviations.labels)")
        #expect(message.contentCount <= vector.octets.count)
        switch message {
        case .community(let message): #expect(vector.label.hasPrefix("\(message.version)-"))
        case .v3(let message):
            #expect(vector.label.hasPrefix("v3-"))
            // Only the exchange after discovery is encrypted.
            let isCipherText = if case .encrypted = message.payload { true } else { false }
            #expect(isCipherText == message.flags.contains(.encrypted))
        }
    }

    @Test func everyPDUTypeAndVersionIsCovered() {
        var seen = Set<PDUType>()
        for vector in Self.vectors {
            if let pdu = try? DecodedMessage(decoding: vector.octets).pdu { seen.insert(pdu.type) }
        }
        #expect(seen == Set(PDUType.allCases))
    }

    @Test(arguments: ["v1", "v2c"])
    func valuesOfAgents(version: String) throws {
        let values = try Self.pdu("\(version)-get-types-2-received").variableBindings.map(\.value)
        #expect(
            values == [
                .integer(-129), .string("a string"), .objectIdentifier(oid("1.3.6.1.4.1.4294967295.128.16384.0")),
                .ipAddress(0xC000_02FF), .counter32(.max), .gauge32(0x8000_0000), .timeTicks(127),
                .octetString([0, 255, 128, 127]),
            ])
        let load = try Self.pdu("\(version)-get-float-2-received").variableBindings.first?.value
        if case .float? = load {} else { Issue.record("no float: \(String(describing: load))") }
    }

    @Test func missingObjectsInV1AndV2() throws {
        let v1 = try Self.pdu("v1-get-missing-2-received")
        #expect(v1.errorStatus == .noSuchName && v1.errorIndexField > 0)
        let v2 = try Self.pdu("v2c-get-missing-2-received")
        #expect(v2.errorStatus == .noError)
        #expect(v2.variableBindings.dropFirst().map(\.value) == [.noSuchObject, .noSuchInstance])
        #expect(try Self.pdu("v2c-getnext-end-2-received").variableBindings.map(\.value) == [.endOfMibView])
    }

    // net-snmp's agent does the same as `V1Access`: it skips Counter64 in a GETNEXT of v1.
    @Test func counter64IsSkippedInV1() throws {
        #expect(try Self.pdu("v2c-getnext-counter64-2-received").variableBindings.first?.value == .counter64(.max))
        #expect(
            try Self.pdu("v1-getnext-counter64-2-received").variableBindings.first?.value
                == .octetString([0, 255, 128, 127]))
    }

    // The agent's v2c errors, translated, are the errors it gives in v1 itself.
    @Test(arguments: ["set-wrong-type", "set-not-writable", "set-types", "get-missing", "getnext-end"])
    func translatedErrorsAreThoseOfTheAgent(exchange: String) throws {
        let request = try Self.pdu("v1-\(exchange)-1-sent")
        let v1 = try Self.pdu("v1-\(exchange)-2-received")
        let v2 = try Self.pdu("v2c-\(exchange)-2-received")
        guard case .response(let translated) = v2.responseForV1(to: request) else {
            Issue.record("no response")
            return
        }
        #expect(translated.errorStatus == v1.errorStatus)
        #expect(translated.requestID == v1.requestID && translated.variableBindings == v1.variableBindings)
    }

    @Test func valuesOfNotifications() throws {
        let trap = try Self.pdu("v2c-trap-types-1-sent")
        #expect(trap.notificationHead == NotificationHead(upTime: 4_711, oid("1.3.6.1.4.1.8072.9999.0.1")))
        #expect(
            trap.variableBindings.dropFirst(2).map(\.value) == [
                .counter32(0x8000_0000), .counter64(.max), .float(1.5), .double(-2.25),
                // Wrapped 64-bit integers, which stay as they are.
                .opaque([0x9F, 0x7A, 1, 0xFB]), .opaque([0x9F, 0x7B, 1, 5]), .null,
            ])
        #expect(throws: TranslationError.typeNotInV1) { try TrapV1PDU(notification: trap) }
    }

    @Test(arguments: 0...5 as ClosedRange<Int32>)
    func genericTraps(generic: Int32) throws {
        guard case .trapV1(let trap)? = try Self.message("v1-trap-\(generic)-1-sent").pdu else {
            Issue.record("not a v1 trap")
            return
        }
        #expect(trap.genericTrap == generic && trap.timestamp == 4_711 && trap.agentAddress == 0xC000_0201)
        #expect(trap.enterprise == oid("1.3.6.1.4.1.8072.3.2.10"))
    }

    @Test func reportsNameTheirCounters() throws {
        for (label, counter) in [
            ("v3-noauth-get-2-received", "4"), ("v3-unknown-user-4-received", "3"), ("v3-wrong-digest-4-received", "5"),
            ("v3-wrong-level-4-received", "1"),
        ] {
            let report = try Self.pdu(label)
            #expect(report.type == .report)
            #expect(report.variableBindings.map(\.name) == [oid("1.3.6.1.6.3.15.1.1.\(counter).0")], "\(label)")
        }
    }
}
