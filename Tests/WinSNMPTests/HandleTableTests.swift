import Primitives
import Testing

@testable import WinSNMP

private final class Thing {
    let number: Int
    init(_ number: Int) { self.number = number }
}

/// The tables of handles against a model of dictionaries.
struct HandleTableTests {
    private struct Model {
        struct Entry {
            var number: Int
            var owner: Int
            var references: Int
        }
        var live: [UInt64: Entry] = [:]
        var dead: [UInt64] = []
    }

    @Test("random histories agree with the model", arguments: 0..<10)
    func model(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var table = HandleTable<Thing>(.pdu)
        var model = Model()
        var everUsed: Set<UInt64> = []
        let limit = [1, 5, 100, 3_000][Int(seed % 4)]
        for step in 0..<rounds(20_000) {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<45:
                let owner = Int.random(in: 0..<8, using: &random)
                let handle = table.insert(Thing(step), owner: owner, limit: limit)
                #expect((handle == nil) == (model.live.count >= limit))
                guard let handle else { continue }
                let isNew = everUsed.insert(handle).inserted
                #expect(isNew, "\(handle) was used before")
                #expect(handle != 0 && handle & 7 == HandleKind.pdu.rawValue)
                model.live[handle] = .init(number: step, owner: owner, references: 1)
            case 45..<60:
                guard let handle = Self.pick(model, &random) else { continue }
                let isLive = table.retain(handle)
                #expect(isLive == (model.live[handle] != nil))
                model.live[handle]?.references += 1
            case 60..<98:
                guard let handle = Self.pick(model, &random) else { continue }
                let (isLive, last) = table.release(handle)
                #expect(isLive == (model.live[handle] != nil))
                guard var entry = model.live[handle] else {
                    #expect(last == nil)
                    continue
                }
                entry.references -= 1
                model.live[handle] = entry.references == 0 ? nil : entry
                #expect(last?.number == (entry.references == 0 ? entry.number : nil))
                if entry.references == 0 { model.dead.append(handle) }
            default:
                let owner = Int.random(in: 0..<8, using: &random)
                var removed: Set<Int> = []
                table.removeAll(owner: owner) { removed.insert($0.number) }
                let gone = model.live.filter { $0.value.owner == owner }
                #expect(removed == Set(gone.values.map(\.number)))
                for handle in gone.keys {
                    model.live[handle] = nil
                    model.dead.append(handle)
                }
            }
            #expect(table.count == model.live.count)
            if step % 500 == 0 { Self.compare(table, model) }
        }
        Self.compare(table, model)
    }

    /// A live handle, a dead one, or any number.
    private static func pick(_ model: Model, _ random: inout SeededRandom) -> UInt64? {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: random.next()
        case 1: model.dead.randomElement(using: &random)
        case 2: model.dead.suffix(10).randomElement(using: &random)
        default: model.live.keys.sorted().randomElement(using: &random)
        }
    }

    private static func compare(_ table: HandleTable<Thing>, _ model: Model) {
        for (handle, entry) in model.live {
            #expect(table[handle]?.number == entry.number)
            #expect(table.owner(handle) == entry.owner)
            // The same number with another kind, slot or generation is dead, or another live one.
            for other in [handle ^ 1, handle ^ 2, handle ^ 4, handle ^ (1 << 23), handle ^ (1 << 40), handle | 1 << 63]
            {
                #expect(table[other] == nil || model.live[other] != nil)
            }
        }
        for handle in model.dead { #expect(table[handle] == nil && table.owner(handle) == nil) }
    }

    @Test("no value comes again within 100,000 creations, whatever is freed")
    func noReuse() {
        var table = HandleTable<Thing>(.vbl)
        var seen: Set<UInt64> = []
        var last: UInt64?
        for number in 0..<100_000 {
            let isFreed = last.map { table.release($0).isLive } ?? true
            #expect(isFreed)
            last = table.insert(Thing(number), owner: 0, limit: 10)
            guard let handle = last else {
                Issue.record("no handle")
                return
            }
            let isNew = seen.insert(handle).inserted
            #expect(isNew)
            // Programs that keep handles in an `int` get away with that.
            #expect(handle < 1 << 31)
        }
        #expect(table.count == 1)
    }

    @Test("numbers that never were handles")
    func strangers() {
        var table = HandleTable<Thing>(.session)
        let handle = table.insert(Thing(1), owner: 0, limit: 10)
        for raw: UInt64 in [0, 1, 2, 7, 8, 0xFFFF_FFFF, .max, 1 << 63] where raw != handle {
            #expect(table[raw] == nil)
            let isRetained = table.retain(raw)
            let isReleased = table.release(raw).isLive
            #expect(!isRetained && !isReleased)
        }
        #expect(table.count == 1)
        table.removeAll(owner: 5) { _ in Issue.record("nobody's") }
        #expect(table.count == 1)
    }

    @Test("records end with their last reference")
    func lifetime() {
        var table = HandleTable<Thing>(.entity)
        weak var thing: Thing?
        var handle: UInt64 = 0
        do {
            let new = Thing(1)
            thing = new
            handle = table.insert(new, owner: 3, limit: 1) ?? 0
        }
        #expect(thing != nil)
        let isRetained = table.retain(handle)
        #expect(isRetained)
        _ = table.release(handle)
        #expect(thing != nil)
        _ = table.release(handle)
        #expect(thing == nil)
    }
}
