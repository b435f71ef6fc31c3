import SNMPEngine
import Testing

@Suite struct BulkTunerTests {
    /// Lets a tuner work against an agent that answers `limit` repetitions and drops or refuses more.
    private func settle(_ tuner: inout BulkTuner, limit: Int, requests: Int, isSilent: Bool) -> Int {
        var failures = 0
        for _ in 0..<requests {
            if tuner.repetitions <= limit {
                tuner.succeeded(full: true)
            } else {
                failures += 1
                let isSmaller = isSilent ? tuner.metSilence() : tuner.metTooBig()
                #expect(isSmaller)
            }
            #expect(tuner.repetitions >= 1 && tuner.repetitions <= tuner.limit)
        }
        return failures
    }

    @Test func findsTheLimitAndRemembersIt() {
        for limit in [1, 2, 3, 7, 8, 9, 20, 33, 63, 64, 100] {
            for isSilent in [false, true] {
                var tuner = BulkTuner()
                let failures = settle(&tuner, limit: limit, requests: 100, isSilent: isSilent)
                #expect(failures <= 12, "limit \(limit): \(failures) failures")
                #expect(tuner.proven * 4 >= min(limit, 64) * 3 || limit < 4, "limit \(limit): \(tuner)")
                var profile = TargetProfile()
                tuner.remember(in: &profile)
                var second = BulkTuner(profile: profile)
                let again = settle(&second, limit: limit, requests: 100, isSilent: isSilent)
                #expect(again == 0, "limit \(limit): \(profile)")
            }
        }
    }

    @Test func oneLossIsNoLimit() {
        var tuner = BulkTuner()
        tuner.succeeded(full: true)
        #expect(tuner.repetitions == 20)
        let isSmaller = tuner.metSilence()
        #expect(isSmaller)
        for _ in 0..<10 { tuner.succeeded(full: true) }
        #expect(tuner.repetitions == 64)
        var profile = TargetProfile()
        tuner.remember(in: &profile)
        #expect(profile.failingRepetitions == nil && profile.repetitions == 64)
    }

    @Test func limitThatHasGoneIsForgotten() {
        var profile = TargetProfile()
        profile.repetitions = 8
        profile.failingRepetitions = 9
        var tuner = BulkTuner(profile: profile)
        for _ in 0..<3_000 { tuner.succeeded(full: true) }
        #expect(tuner.repetitions == 64 && tuner.failing == nil)
    }

    @Test func silenceWithOneRepetitionCannotBeMadeSmaller() {
        var tuner = BulkTuner(first: 1)
        let outcomes = [tuner.metSilence(), tuner.metTooBig(), tuner.metError()]
        #expect(outcomes == [false, false, false])
    }

    @Test func hostileProfileIsClamped() {
        for value in [Int.min, -1, 0, 1, 2, 1_000_000, Int.max] {
            for failing in [Int.min, -1, 0, 1, 2, 1_000_000, Int.max] {
                var profile = TargetProfile()
                profile.repetitions = value
                profile.failingRepetitions = failing
                var tuner = BulkTuner(profile: profile)
                #expect(tuner.repetitions >= 1 && tuner.repetitions <= 64)
                for _ in 0..<20 { tuner.succeeded(full: true) }
                #expect(tuner.repetitions >= 1 && tuner.repetitions <= 64)
            }
        }
    }
}
