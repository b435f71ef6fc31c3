// How many sessions there may be, and their numbers.

import ESEEngine
import Testing

@Suite struct SessionPoolTests {
    @Test func strictLimitCountsTheApplicationsSessionsOnly() throws {
        let pool = SessionPool(limit: 2)
        _ = try pool.take(.engine)
        _ = try pool.take(.application)
        _ = try pool.take(.application)
        #expect(number { () throws(JetError) in _ = try pool.take(.application) } == -1101)
        for _ in 1..<SessionPool.internalReserve { _ = try pool.take(.engine) }
        #expect(number { () throws(JetError) in _ = try pool.take(.engine) } == -1101)
        #expect(pool.count(.application) == 2)
        #expect(pool.count(.engine) == 69)
    }

    @Test func sharedPoolIsLimitAndReserveTogether() throws {
        let pool = SessionPool(limit: 16, quota: .shared)
        for _ in 0..<5 { _ = try pool.take(.engine) }
        for _ in 0..<80 { _ = try pool.take(.application) }
        #expect(number { () throws(JetError) in _ = try pool.take(.application) } == -1101)
        #expect(number { () throws(JetError) in _ = try pool.take(.engine) } == -1101)
    }

    @Test(arguments: [0, 1, 63, 64, 65, 30_000]) func limitIsExact(_ limit: Int) throws {
        let pool = SessionPool(limit: limit)
        for index in 0..<limit { #expect(try pool.take(.application) == UInt16(index + 1)) }
        #expect(number { () throws(JetError) in _ = try pool.take(.application) } == -1101)
    }

    @Test func lowestFreeNumberIsTakenAgain() throws {
        let pool = SessionPool(limit: 200)
        for _ in 0..<200 { _ = try pool.take(.application) }
        pool.give(130, .application)
        pool.give(7, .application)
        #expect(try pool.take(.application) == 7)
        #expect(try pool.take(.application) == 130)
        #expect(number { () throws(JetError) in _ = try pool.take(.application) } == -1101)
    }

    @Test func recoveryHasNoLimitAndTakesNumbersOfTheLog() throws {
        let pool = SessionPool(limit: 0)
        pool.setUnlimited(true)
        #expect(pool.take(number: 500))
        #expect(!pool.take(number: 500))
        for _ in 0..<100 { _ = try pool.take(.engine) }
        pool.setUnlimited(false)
        #expect(number { () throws(JetError) in _ = try pool.take(.engine) } == -1101)
    }

    @Test func numbersEndBeforeTheOneThatMeansNone() throws {
        let pool = SessionPool(limit: 0)
        pool.setUnlimited(true)
        for _ in 1..<Int(UInt16.max) { _ = try pool.take(.engine) }
        #expect(number { () throws(JetError) in _ = try pool.take(.engine) } == -1101)
    }
}
