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
                    #expect(wasAdded == (identifier != 0 && model[identifier] == nil), "seed \(seed), step \(step)")
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

    @Test func zeroIsNoIdentifier() {
        var table = IdentifierTable()
        let wasAdded = table.insert(0, slot: 1)
        #expect(!wasAdded && table[0] == nil)
        table.remove(0)
        #expect(table.count == 0)
    }
}
