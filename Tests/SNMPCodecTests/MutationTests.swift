import SNMPCodec
import SNMPTestKit
import Testing

/// What must hold for any octets at all. Returns whether they could be read.
func survives(_ octets: [UInt8], _ what: @autoclosure () -> String) -> Bool {
    let message: DecodedMessage
    var deviations = Deviations()
    do {
        message = try DecodedMessage(decoding: octets.span.bytes, &deviations)
    } catch {
        #expect(error.offset >= 0 && error.offset <= octets.count, "\(what()): \(error)")
        return false
    }
    // Memory: never more than the message itself holds.
    #expect(message.contentCount <= octets.count, "\(what())")
    // What decodes re-encodes, and decodes to the same. Compared as octets, because NaN is not equal to itself.
    do {
        let again = try message.encoded(limit: octets.count * 2 + 100)
        var left = Deviations()
        let same = try DecodedMessage(decoding: again.span.bytes, &left).encoded(limit: again.count) == again
        #expect(same, "\(what())")
        // A deviation of the encoding is gone after re-encoding.
        let ofEncoding: Deviations = [
            .paddedInteger, .oversizedInteger, .unsignedWithoutLeadingZero, .paddedSubidentifier,
            .emptyObjectIdentifier, .nullWithContent, .trailingOctets, .octetsAfterPDU, .smallMaximumSize,
        ]
        #expect(left.isDisjoint(with: ofEncoding), "\(what()): \(left.labels)")
        if deviations == [] { #expect(left == []) }
    } catch {
        Issue.record("\(what()) decodes but does not re-encode: \(error)")
    }
    // Streams look at the same octets first.
    _ = try? MessageLayout.byteCount(startingWith: octets.span.bytes, limit: octets.count)
    return true
}

@Suite struct MutationTests {
    // After the PROTOS suite c06-snmpv1 (CERT CA-2002-03): faults over every field of every message.
    @Test(arguments: MessageTemplates.all)
    func everySystematicFault(template: MessageTemplate) {
        var count = 0
        var readable = 0
        for mutant in BERMutator(template.octets) {
            count += 1
            if survives(mutant.octets, "\(template): \(mutant)") { readable += 1 }
        }
        #expect(count > 700, "faults of \(template)")
        // Both ways out are taken: some faults are tolerated, most are not.
        #expect(readable > 10 && readable < count * 3 / 4, "\(readable) of \(count) of \(template) were readable")
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func randomFaults(seed: UInt64) {
        var mutator = RandomMutator(seed: seed)
        let templates = MessageTemplates.all
        var readable = 0
        for round in 0..<rounds(600) {
            let template = templates[round % templates.count]
            let octets = mutator.mutate(template.octets, splicing: templates[(round * 7 + 1) % templates.count].octets)
            if survives(octets, "seed \(seed), round \(round): \(hexText(octets))") { readable += 1 }
        }
        #expect(readable > 0)
    }

    @Test func randomFaultsReplay() {
        var a = RandomMutator(seed: 5), b = RandomMutator(seed: 5)
        let octets = MessageTemplates.all[0].octets
        for _ in 0..<50 { #expect(a.mutate(octets) == b.mutate(octets)) }
    }

    // The scoped PDU of an encrypted message is read after decryption, from octets that a wrong key makes random.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func scopedPDUsOutOfWrongKeys(seed: UInt64) {
        var make = RandomPDUs(seed: seed)
        for _ in 0..<rounds(300) {
            var octets = make.octets(200)
            if make.below(2) == 0, octets.count > 1 {
                octets[0] = BERTag.sequence
                octets[1] &= 0x7F
            }
            var deviations = Deviations()
            do {
                let scoped = try ScopedPDULayout.parse(octets.span.bytes, 0..<octets.count, &deviations)
                #expect(scoped.pdu.whole.upperBound <= octets.count, "seed \(seed)")
                _ = try scoped.pdu.pdu(octets.span.bytes, &deviations)
            } catch {
                #expect(error.offset <= octets.count, "seed \(seed)")
            }
        }
    }
}
