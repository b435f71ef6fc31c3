// Random calls on rows compared with a dictionary: updates with and without transactions, rollbacks, searches, moves.

import CJet
import ESEEngine
import Jet
import JetABI
import Primitives
import Testing

extension InProcessTests {
    struct RowModelTests {
        private struct Row: Hashable {
            var number: Int
            var name: String?
        }

        @Test(arguments: [1, 2, 3] as [UInt64]) func callsDoWhatAModelDoes(seed: UInt64) throws {
            let fixture = try RowFixture()
            let session = fixture.session
            var random = SeededRandom(seed: seed)
            // What was, before each open level.
            var saved: [[Int32: Row]] = []
            var model: [Int32: Row] = [:]
            func pick(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
            func prepareRow(_ id: Int32) -> JET_ERR {
                let code = fixture.seek(id: id)
                return code == JET_errSuccess ? fixture.prepare(JET_prepReplace) : code
            }
            for step in 0..<600 {
                let id = Int32(pick(60))
                let context: String = "seed \(seed), step \(step), id \(id)"
                switch pick(14) {
                case 0...4:
                    let row = Row(number: pick(9), name: pick(3) == 0 ? nil : "n\(pick(500))")
                    let isTaken = model.values.contains { $0.name != nil && $0.name == row.name }
                    let expected = model[id] != nil || isTaken ? JET_errKeyDuplicate : JET_errSuccess
                    #expect(fixture.insert(id, number: Int64(row.number), name: row.name) == expected, "\(context)")
                    if expected == JET_errSuccess { model[id] = row }
                case 5, 6:
                    guard var row = model[id] else {
                        #expect(prepareRow(id) == JET_errRecordNotFound, "\(context)")
                        continue
                    }
                    #expect(prepareRow(id) == JET_errSuccess, "\(context)")
                    row.number = pick(9)
                    #expect(fixture.set("number", Int64(row.number)) == JET_errSuccess, "\(context)")
                    if pick(4) == 0 {
                        #expect(fixture.prepare(JET_prepCancel) == JET_errSuccess, "\(context)")
                    } else {
                        #expect(fixture.update() == JET_errSuccess, "\(context)")
                        model[id] = row
                    }
                case 7:
                    let found = fixture.seek(id: id)
                    #expect(found == (model[id] == nil ? JET_errRecordNotFound : JET_errSuccess), "\(context)")
                    if found != JET_errSuccess { continue }
                    #expect(JetDelete(session, fixture.rows) == JET_errSuccess, "\(context)")
                    model[id] = nil
                case 8:
                    guard saved.count < 7 else { continue }
                    #expect(JetBeginTransaction(session) == JET_errSuccess, "\(context)")
                    saved.append(model)
                case 9:
                    let expected = saved.isEmpty ? JET_errNotInTransaction : JET_errSuccess
                    #expect(JetCommitTransaction(session, 1) == expected, "\(context)")
                    _ = saved.popLast()
                case 10:
                    let expected = saved.isEmpty ? JET_errNotInTransaction : JET_errSuccess
                    #expect(JetRollback(session, 0) == expected, "\(context)")
                    if let old = saved.popLast() { model = old }
                case 11:
                    let code = fixture.seek(id: id, JET_bitSeekGE)
                    let next = model.keys.filter { $0 >= id }.min()
                    let expected =
                        next == nil
                        ? JET_errRecordNotFound : next == id ? JET_errSuccess : JET_wrnSeekNotEqual
                    #expect(code == expected, "\(context)")
                    if let next { #expect(fixture.number("number") == model[next]?.number, "\(context)") }
                case 12:
                    #expect(fixture.setIndex("byNumber") == JET_errSuccess, "\(context)")
                    let sorted = model.sorted { ($0.value.number, $0.key) < ($1.value.number, $1.key) }
                    #expect(fixture.ids() == sorted.map { Int($0.key) }, "\(context)")
                    #expect(fixture.setIndex(nil) == JET_errSuccess, "\(context)")
                default:
                    #expect(fixture.ids() == model.keys.sorted().map { Int($0) }, "\(context)")
                }
            }
            while let old = saved.popLast() {
                #expect(JetRollback(session, 0) == JET_errSuccess)
                model = old
            }
            #expect(fixture.ids() == model.keys.sorted().map { Int($0) }, "seed \(seed)")
            #expect(fixture.running.terminate() == JET_errSuccess)
        }
    }
}
