import Primitives
import Testing

@testable import WinSNMPABI

@Suite struct AddressTableTests {
    /// A dictionary is the model; few addresses, close to each other, so that runs form, wrap around and are torn.
    @Test(arguments: [UInt64(1), 2, 3, .random(in: .min ... .max)])
    func agreesWithADictionary(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var table = AddressTable()
        var model: [UInt: Int] = [:]
        for step in 0..<50_000 {
            // The number of entries wanders up and down between none and some hundreds.
            let range = UInt.random(in: 1...(step % 10_000 < 5_000 ? 40 : 900), using: &random)
            let address = 0x7F00_0000_0000 + 16 * UInt.random(in: 0...range, using: &random)
            if Bool.random(using: &random), model[address] == nil {
                table.insert(address, step)
                model[address] = step
            } else {
                #expect(table.remove(address) == model.removeValue(forKey: address), "seed \(seed), step \(step)")
            }
            #expect(table.count == model.count)
            #expect(table.contains(address) == (model[address] != nil), "seed \(seed), step \(step)")
        }
        #expect(Dictionary(uniqueKeysWithValues: table.all) == model, "seed \(seed)")
        for address in model.keys { #expect(table.contains(address), "seed \(seed)") }
    }

    @Test func noAddressIsNeverThere() {
        var table = AddressTable()
        #expect(!table.contains(0) && table.remove(0) == nil && table.all.isEmpty)
    }
}
