import Primitives
import Testing

@testable import SNMPEngine

@Suite struct IdentifierTableTests {
    /// Against a dictionary, with identifiers that collide in their low bits.
    @Test func agreesWithADictionary() {
        for seed in seeds(20) {
            var random = SeededRandom(seed: seed)
            var table = IdentifierTable()
            var model: [Int32: Int] = [:]
            for step in 0..<3_000 {
                let low = Int32(truncatingIfNeeded: random.next() % 24)
                let high = Int32(truncatingIfNeeded: random.next() % 40)
                let identifier = high << 16 | low &- (random.oneIn(3) ? 12 : 0)
                if random.oneIn(2) {
                    let wasAdded = table.insert(identifier, slot: step)
                    #expect(wasAdded == (model[identifier] == nil), "seed \(seed), step \(step)")
                    if wasAdded { model[identifier] = step }
                } else {
                    table.remove(identifier)
                    model[identifier] = nil
                }
                #expect(table.count == model.count, "seed \(seed), step \(step)")
            }
            for (identifier, slot) in model { #expect(table[identifier] == slot, "seed \(seed)") }
            for identifier in Int32(-20)...20 { #expect(table[identifier] == model[identifier], "seed \(seed)") }
        }
    }

    @Test(arguments: [0, -1, .min, .max] as [Int32])
    func anyIdentifierIsTaken(identifier: Int32) {
        var table = IdentifierTable()
        #expect(table[identifier] == nil)
        let wasAdded = table.insert(identifier, slot: 0)
        #expect(wasAdded && table[identifier] == 0 && table.count == 1)
        let wasAddedAgain = table.insert(identifier, slot: 1)
        #expect(!wasAddedAgain && table[identifier] == 0)
        table.reassign(identifier, to: 7)
        #expect(table[identifier] == 7)
        table.remove(identifier)
        table.remove(identifier)
        #expect(table.count == 0 && table[identifier] == nil)
        table.reassign(identifier, to: 1)
        #expect(table[identifier] == nil)
    }

    /// Shared identifiers against a plain list of their holders.
    @Test func sharedIdentifiersAgreeWithAList() {
        for seed in seeds(20) {
            var random = SeededRandom(seed: seed)
            var table = RequestIDTable()
            var model: [(identifier: Int32, peer: Peer, slot: Int)] = []
            for slot in 0..<500 {
                let comment = Comment("seed \(seed), slot \(slot)")
                let identifier = Int32(truncatingIfNeeded: random.next() % 5) - 2
                if random.oneIn(2) {
                    let peer = Peer(address(Int(random.next() % 12)))
                    guard !model.contains(where: { $0.identifier == identifier && $0.peer == peer }) else { continue }
                    let isFree = !model.contains { $0.identifier == identifier }
                    if random.oneIn(2) {
                        let wasAdded = table.insert(identifier, slot: slot)
                        #expect(wasAdded == isFree, comment)
                        if wasAdded { model.append((identifier, peer, slot)) }
                    } else {
                        table.share(identifier, slot: slot, peer: peer)
                        model.append((identifier, peer, slot))
                    }
                } else if !model.isEmpty {
                    let gone = model.remove(at: Int(random.next() % UInt64(model.count)))
                    table.remove(gone.identifier, slot: gone.slot)
                }
                for identifier in Int32(-3)...3 {
                    let holders = model.filter { $0.identifier == identifier }
                    #expect(table.first(identifier) == holders.first?.slot, comment)
                    #expect(table.others(identifier).map(\.slot) == holders.dropFirst().map(\.slot), comment)
                    for (index, holder) in holders.enumerated() {
                        #expect(table.other(identifier, holder.peer) == (index == 0 ? nil : holder.slot), comment)
                    }
                }
                let isShared = Set(model.map(\.identifier)).count < model.count
                #expect(table.hasShared == isShared, comment)
            }
        }
    }
}
