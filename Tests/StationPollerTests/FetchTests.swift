import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import Testing

@testable import StationPoller

@Suite struct FetchTests {
    private let names = (0..<100).map { Column.ifEntry.appending(10).appending(UInt32($0)) }

    private func fetch(_ count: Int, limit: Int = 48, window: Int = 4) -> Fetch {
        Fetch(Array(names.prefix(count)), limit: limit, window: window, wantsSamples: true)
    }

    @Test func oneRequestUntilThereIsAnAnswerThenTheWindow() {
        var fetch = fetch(100, limit: 10)
        let firstGroup = fetch.next(1)
        #expect(firstGroup?.count == 10)
        let secondGroup = fetch.next(2)
        #expect(secondGroup == nil)
        let isTaken = fetch.receive(1, .noError, index: 0, names.prefix(10).map { VarBind($0, .counter32(1)) })
        #expect(isTaken)
        for number in 2...5 {
            let names = fetch.next(number)
            #expect(names?.count == 10)
        }
        let thirdGroup = fetch.next(6)
        #expect(thirdGroup == nil)
        #expect(!fetch.isDone)
    }

    @Test func answersOfOthersAreNotTaken() {
        var fetch = fetch(10)
        let group = fetch.next(7)
        #expect(group != nil)
        let firstIsTaken = fetch.receive(6, .noError, index: 0, [])
        #expect(!firstIsTaken)
        let secondIsTaken = fetch.receive(8, .closed)
        #expect(!secondIsTaken)
        #expect(!fetch.isDone && !fetch.hasAnswer)
    }

    @Test func bindingsInAnotherOrderFindTheirPlace() {
        var fetch = fetch(10)
        let asked = fetch.next(1) ?? []
        let bindings = asked.enumerated().map { VarBind($1, .gauge32(UInt32($0))) }
        let isTaken = fetch.receive(1, .noError, index: 0, bindings.reversed())
        #expect(isTaken)
        #expect(fetch.isDone)
        #expect(fetch.values == (0..<10).map { .gauge32($0) })
    }

    @Test func ofTwoValuesForANameTheFirstCounts() {
        var fetch = fetch(2)
        let asked = fetch.next(1) ?? []
        let bindings = [VarBind(asked[0], .gauge32(1)), VarBind(asked[0], .gauge32(2))]
        let isTaken = fetch.receive(1, .noError, index: 0, bindings)
        #expect(isTaken)
        #expect(fetch.values == [.gauge32(1), nil])
        #expect(fetch.status == [.value, .failed])
    }

    @Test func tooBigHalvesWhatIsAskedForFromThenOn() {
        var fetch = fetch(100, limit: 40)
        let firstGroup = fetch.next(1)
        #expect(firstGroup?.count == 40)
        let isTaken = fetch.receive(1, .tooBig, index: 0, [])
        #expect(isTaken)
        #expect(fetch.limit == 20)
        let secondGroup = fetch.next(2)
        #expect(secondGroup?.count == 20)
    }

    @Test func silenceStopsTheFetchUntilItIsResumed() {
        var fetch = fetch(100)
        _ = fetch.next(1)
        let isTaken = fetch.receive(1, .request(.transport("unreachable")))
        #expect(isTaken)
        #expect(fetch.isDone && fetch.isSilent && fetch.silentCount == 48)
        let firstGroup = fetch.next(2)
        #expect(firstGroup == nil)
        fetch.resume(limit: 12)
        #expect(!fetch.isDone)
        let secondGroup = fetch.next(2)
        #expect(secondGroup == Array(names.prefix(12)))
    }

    @Test func stringsAreNotKeptWhereNumbersAreWanted() {
        var fetch = fetch(1)
        let asked = fetch.next(1) ?? []
        let isTaken = fetch.receive(1, .noError, index: 0, [VarBind(asked[0], .octetString([1, 2, 3]))])
        #expect(isTaken)
        #expect(fetch.status == [.value] && fetch.values == [nil])
    }

    @Test(arguments: 0..<40) func whateverIsAnsweredItEnds(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let count = Int(random.next() % 100) + 1
        let temper = random.next() % 8
        var fetch = fetch(count, limit: Int(random.next() % 60) + 1, window: Int(random.next() % 5) + 1)
        var number = 0
        var underWay: [(Int, [ObjectIdentifier])] = []
        var resumed = 0
        while !fetch.isDone || fetch.isSilent {
            if fetch.isSilent {
                resumed += 1
                if resumed > 3 { break }
                fetch.resume(limit: fetch.silentCount / 4)
            }
            while let names = fetch.next(number + 1) {
                number += 1
                underWay.append((number, names))
            }
            guard !underWay.isEmpty else { break }
            let (next, names) = underWay.remove(at: Int(random.next() % UInt64(underWay.count)))
            answer(&fetch, next, names, temper, &random)
            #expect(underWay.count <= 5, "seed \(seed)")
            guard number < 2_000 else { break }
        }
        #expect(number <= count + Fetch.maximumTroubles * 2 + 20, "seed \(seed)")
        #expect(fetch.isDone || resumed > 3, "seed \(seed)")
        for place in 0..<count where fetch.status[place] != .value { #expect(fetch.values[place] == nil) }
    }

    private func answer(
        _ fetch: inout Fetch, _ number: Int, _ names: [ObjectIdentifier], _ temper: UInt64,
        _ random: inout SeededRandom
    ) {
        let index = Int(random.next() % 60)
        let kind = random.next() % 4 == 0 ? random.next() % 8 : temper
        switch kind {
        case 0: _ = fetch.receive(number, .noError, index: 0, names.map { VarBind($0, .counter32(1)) })
        case 1: _ = fetch.receive(number, .noError, index: 0, names.dropLast().map { VarBind($0, .noSuchObject) })
        case 2: _ = fetch.receive(number, .genErr, index: index, [])
        case 3: _ = fetch.receive(number, .tooBig, index: 0, [])
        case 4: _ = fetch.receive(number, .noSuchName, index: index, [])
        case 5: _ = fetch.receive(number, .request(.transport("unreachable")))
        case 6: _ = fetch.receive(number, .request(.tooLarge(byteCount: 9, limit: 1)))
        default: _ = fetch.receive(number, .noError, index: 0, [VarBind([1, 3], .null)])
        }
    }
}
