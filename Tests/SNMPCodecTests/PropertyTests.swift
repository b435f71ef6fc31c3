import SNMPCodec
import SNMPTestKit
import Testing

@Suite struct PropertyTests {
    @Test(arguments: 0..<16 as Range<UInt64>)
    func communityMessagesComeBack(seed: UInt64) throws {
        for round in 0..<rounds(60) {
            var make = RandomPDUs(seed: seed << 32 | UInt64(round))
            let version = SNMPVersion.allCases[make.below(2)]
            let message = CommunityMessage(version: version, community: make.octets(40), pdu: make.pdu(version))
            let octets = try message.encoded()
            var deviations = Deviations()
            let decoded = try CommunityMessage(decoding: octets.span.bytes, &deviations)
            #expect(decoded == message, "seed \(seed), round \(round)")
            #expect(try decoded.encoded() == octets, "seed \(seed), round \(round)")
            // Nothing that the writer writes is a deviation; what these say lies in the random content.
            let ofContent: Deviations = [
                .newerTypeInV1, .unknownErrorStatus, .errorIndexOutOfRange, .unknownType, .emptyInteger,
            ]
            #expect(deviations.subtracting(ofContent) == [], "seed \(seed), round \(round): \(deviations.labels)")
        }
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func v3MessagesComeBack(seed: UInt64) throws {
        for round in 0..<rounds(40) {
            var make = RandomPDUs(seed: seed << 32 | UInt64(round))
            let isEncrypted = make.below(3) == 0
            let plainFlags = V3Flags(rawValue: UInt8(make.below(64) << 2 | make.below(2)))
            var message = DecodedV3Message(
                messageID: make.signed() & .max, maximumSize: max(484, make.signed() & .max),
                flags: isEncrypted ? [.authenticated, .encrypted] : plainFlags,
                securityModel: make.below(4) == 0 ? make.signed() : 3,
                payload: isEncrypted
                    ? .encrypted(make.octets(200))
                    : .plain(contextEngineID: make.octets(33), contextName: make.octets(33), make.pdu(.v3)))
            if message.securityModel == 3 {
                message.engineID = make.octets(33)
                message.engineBoots = make.signed() & .max
                message.engineTime = make.signed() & .max
                message.userName = make.octets(33)
                message.authentication = make.octets(60)
                message.privacy = make.octets(20)
            } else {
                message.otherParameters = make.octets(60)
            }
            let octets = try DecodedMessage.v3(message).encoded()
            #expect(try DecodedMessage(decoding: octets) == .v3(message), "seed \(seed), round \(round)")
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func namesComeBack(seed: UInt64) throws {
        var make = RandomPDUs(seed: seed)
        var decoded = ObjectIdentifier()
        for _ in 0..<rounds(500) {
            let name = make.name()
            let octets = written { $0.objectIdentifier(name) }
            var reader = BERReader(octets.span.bytes)
            let content = try reader.content(BERTag.objectIdentifier, octets.span.bytes)
            var deviations = Deviations()
            // Into the same variable, as loops over bindings do.
            try BER.objectIdentifier(octets.span.bytes, content, into: &decoded, &deviations)
            #expect(decoded == name && decoded.arcs == name.arcs, "seed \(seed)")
            #expect(deviations == [])
        }
    }

    @Test func templatesAreWellFormedAndMany() throws {
        #expect(MessageTemplates.all.count >= 30)
        #expect(Set(MessageTemplates.all.map(\.name)).count == MessageTemplates.all.count)
        for template in MessageTemplates.all {
            let message = try DecodedMessage(decoding: template.octets)
            #expect(try message.encoded() == template.octets, "\(template)")
        }
    }
}
