// Every documented result of JetBeginSession and JetDupSession, by what really causes it. JET_errOutOfMemory is caused
// by the program memory.c, and in JetTests.

import CJet
import ESEEngine
import Jet
import JetABI
import Testing

extension InProcessTests {
    struct SessionResultTests {
        @Test func success() throws {
            let running = try Running()
            var first: JET_SESID = 0
            var second: JET_SESID = 0
            #expect(JetBeginSession(running.handle, &first, nil, nil) == JET_errSuccess)
            #expect(JetDupSession(first, &second) == JET_errSuccess)
            #expect(first != second && first != 0 && second != 0)
            // The copy outlives the original, and has nothing of it.
            #expect(JetBeginTransaction(first) == JET_errSuccess)
            #expect(JetCommitTransaction(second, 0) == JET_errNotInTransaction)
            #expect(JetEndSession(first, 0) == JET_errSuccess)
            #expect(JetBeginTransaction(second) == JET_errSuccess)
            #expect(JetRollback(second, 0) == JET_errSuccess)
            #expect(JetEndSession(second, 0) == JET_errSuccess)
        }

        @Test func clientRequestToStopJetService() throws {
            let running = try Running()
            let session = try running.session()
            #expect(JetStopServiceInstance(running.handle) == JET_errSuccess)
            #expect(running.beginResult == JET_errClientRequestToStopJetService)
            #expect(duplicateResult(session) == JET_errClientRequestToStopJetService)
            #expect(JetEndSession(session, 0) == JET_errSuccess)
        }

        /// A rollback that can't write its log makes the instance unavailable.
        @Test func instanceUnavailable() throws {
            let running = try Running(store: { TestStore(onRollback: { () throws(JetError) in throw .logWriteFail }) })
            let (session, other) = (try running.session(), try running.session())
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            #expect(JetRollback(session, 0) == JET_errLogWriteFail)
            #expect(running.beginResult == JET_errInstanceUnavailable)
            #expect(duplicateResult(session) == JET_errInstanceUnavailable)
            #expect(duplicateResult(other) == JET_errInstanceUnavailable)
            #expect(running.terminate() == JET_errSuccess)
        }

        @Test func invalidParameter() throws {
            var session: JET_SESID = 0
            for none: JET_INSTANCE in [0, .max, 4711] {
                #expect(JetBeginSession(none, &session, nil, nil) == JET_errInvalidParameter)
            }
            let running = try Running()
            #expect(JetBeginSession(running.handle, nil, nil, nil) == JET_errInvalidParameter)
            #expect(JetBeginSession(0, &session, nil, nil) == JET_errInvalidParameter)
            #expect(JetDupSession(try running.session(), nil) == JET_errInvalidParameter)
        }

        @Test func notInitialized() throws {
            let running = try Running(isInitialised: false)
            #expect(running.beginResult == JET_errNotInitialized)
            #expect(duplicateResult(4711) == JET_errNotInitialized)
            #expect(running.initialise() == JET_errSuccess)
            let session = try running.session()
            #expect(running.terminate() == JET_errSuccess)
            #expect(duplicateResult(session) == JET_errNotInitialized)
        }

        @Test func outOfSessions() throws {
            let running = try Running(sessions: 3)
            let sessions = [try running.session(), try running.session(), try running.session()]
            #expect(running.beginResult == JET_errOutOfSessions)
            #expect(duplicateResult(sessions[0]) == JET_errOutOfSessions)
            #expect(JetEndSession(sessions[1], 0) == JET_errSuccess)
            #expect(duplicateResult(sessions[0]) == JET_errSuccess)
            #expect(running.beginResult == JET_errOutOfSessions)
        }

        /// While JetInit replays a log.
        @Test func restoreInProgress() throws {
            let door = Door()
            let running = try Running(
                store: {
                    TestStore(onInitialise: { recovery in
                        recovery(true)
                        door.pass()
                        recovery(false)
                    })
                }, isInitialised: false)
            let initialising = Runner { running.initialise() }
            door.waitForSomebody()
            #expect(running.beginResult == JET_errRestoreInProgress)
            #expect(duplicateResult(4711) == JET_errRestoreInProgress)
            door.open()
            #expect(initialising.wait() == JET_errSuccess)
            #expect(running.beginResult == JET_errSuccess)
        }

        /// JetTerm waits for a call that is inside; others are refused meanwhile.
        @Test func termInProgressWhileACallIsInside() throws {
            let door = Door()
            let running = try Running(store: { TestStore(onBegin: { door.pass() }) })
            let (busy, idle) = (try running.session(), try running.session())
            let beginning = Runner {
                let result = JetBeginTransaction(busy)
                return result == JET_errSuccess ? JetRollback(busy, 0) : result
            }
            door.waitForSomebody()
            let terminating = Runner { running.terminate() }
            while running.beginResult != JET_errTermInProgress {}
            #expect(duplicateResult(idle) == JET_errTermInProgress)
            #expect(duplicateResult(busy) == JET_errTermInProgress)
            door.open()
            // Its transaction is open then, which keeps the instance alive; or it was rolled back in time.
            let results = (beginning.wait(), terminating.wait())
            #expect(
                [JET_errSuccess, JET_errTermInProgress, JET_errInvalidSesid, JET_errNotInitialized].contains(results.0))
            #expect(results.1 == JET_errTooManyActiveUsers || results.1 == JET_errSuccess)
        }

        /// While termination writes.
        @Test func termInProgressWhileItWrites() throws {
            let door = Door()
            let running = try Running(store: { TestStore(onTerminate: { door.pass() }) })
            let session = try running.session()
            let terminating = Runner { running.terminate() }
            door.waitForSomebody()
            #expect(running.beginResult == JET_errTermInProgress)
            #expect(duplicateResult(session) == JET_errTermInProgress)
            door.open()
            #expect(terminating.wait() == JET_errSuccess)
        }

        /// Not documented for these, and as everywhere else.
        @Test func invalidHandles() throws {
            let running = try Running()
            let session = try running.session()
            #expect(JetEndSession(session, 0) == JET_errSuccess)
            #expect(duplicateResult(session) == JET_errInvalidSesid)
            #expect(duplicateResult(running.handle) == JET_errInvalidSesid)
            var other: JET_SESID = 0
            #expect(JetBeginSession(session, &other, nil, nil) == JET_errInvalidInstance)
        }

        /// One session is used by two threads at once.
        @Test func sessionSharing() throws {
            let door = Door()
            let running = try Running(store: { TestStore(onBegin: { door.pass() }) })
            let session = try running.session()
            let beginning = Runner { JetBeginTransaction(session) }
            door.waitForSomebody()
            #expect(duplicateResult(session) == JET_errSessionSharingViolation)
            door.open()
            #expect(beginning.wait() == JET_errSuccess)
            #expect(duplicateResult(session) == JET_errSuccess)
            // The thread that began it is gone, and nobody else may end it.
            #expect(JetCommitTransaction(session, 0) == JET_errSessionSharingViolation)
        }
    }
}
