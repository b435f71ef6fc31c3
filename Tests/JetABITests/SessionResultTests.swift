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

        /// The log can't be written: what is committed then may be lost, and nobody may go on.
        @Test func instanceUnavailable() throws {
            let broken = Switch()
            let running = try Running(ask: { operation throws(StorageError) in
                if broken.isOn, operation != .read { throw StorageError(.failed, "the disk is gone") }
            })
            let (session, other) = (try running.session(), try running.session())
            broken.turn(on: true)
            #expect(JetCommitTransaction(session, JET_GRBIT(JET_bitForceNewLog)) < 0)
            #expect(running.beginResult == JET_errInstanceUnavailable)
            #expect(duplicateResult(session) == JET_errInstanceUnavailable)
            #expect(duplicateResult(other) == JET_errInstanceUnavailable)
            broken.turn(on: false)
            #expect(duplicateResult(other) == JET_errInstanceUnavailable)
            #expect(running.terminate() <= JET_errSuccess)
            // The next one recovers what was durable.
            let next = try Running(directory: running.directory)
            #expect(next.beginResult == JET_errSuccess)
        }

        /// The log's disk is full.
        @Test func instanceUnavailableSinceTheDiskIsFull() throws {
            let full = Switch()
            let running = try Running(ask: { operation throws(StorageError) in
                if full.isOn, operation == .write { throw StorageError(.full, "no space left") }
            })
            let session = try running.session()
            full.turn(on: true)
            #expect(JetCommitTransaction(session, JET_GRBIT(JET_bitForceNewLog)) < 0)
            #expect(running.beginResult == JET_errInstanceUnavailableDueToFatalLogDiskFull)
            #expect(duplicateResult(session) == JET_errInstanceUnavailableDueToFatalLogDiskFull)
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

        /// While JetInit replays the log of an instance that ended without order.
        @Test func restoreInProgress() throws {
            let directory = try Scratch()
            let first = try Running(directory: directory)
            _ = try first.session()
            #expect(first.terminate(JET_bitTermDirty) == JET_errDirtyShutdown)
            let door = Door()
            let running = try Running(directory: directory, isInitialised: false, ask: { _ in door.pass() })
            door.close()
            let initialising = Runner { running.initialise() }
            door.waitForSomebody()
            #expect(running.phase == .recovering)
            #expect(running.beginResult == JET_errRestoreInProgress)
            #expect(duplicateResult(4711) == JET_errRestoreInProgress)
            door.open()
            #expect(initialising.wait() == JET_errSuccess)
            #expect(running.beginResult == JET_errSuccess)
        }

        /// JetTerm waits for a call that is inside; others are refused meanwhile.
        @Test func termInProgressWhileACallIsInside() throws {
            let door = Door()
            let running = try Running(ask: { _ in door.pass() })
            let (busy, idle) = (try running.session(), try running.session())
            door.close()
            let writing = Runner { JetCommitTransaction(busy, JET_GRBIT(JET_bitForceNewLog)) }
            door.waitForSomebody()
            let terminating = Runner { running.terminate() }
            while running.phase != .terminating {}
            #expect(running.beginResult == JET_errTermInProgress)
            #expect(duplicateResult(idle) == JET_errTermInProgress)
            #expect(duplicateResult(busy) == JET_errTermInProgress)
            door.open()
            #expect(writing.wait() == JET_errSuccess)
            #expect(terminating.wait() == JET_errSuccess)
        }

        /// While termination writes; the session is over then.
        @Test func termInProgressWhileItWrites() throws {
            let door = Door()
            let running = try Running(ask: { _ in door.pass() })
            let session = try running.session()
            door.close()
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
            let running = try Running(ask: { _ in door.pass() })
            let session = try running.session()
            door.close()
            let writing = Runner { JetCommitTransaction(session, JET_GRBIT(JET_bitForceNewLog)) }
            door.waitForSomebody()
            #expect(duplicateResult(session) == JET_errSessionSharingViolation)
            door.open()
            #expect(writing.wait() == JET_errSuccess)
            #expect(duplicateResult(session) == JET_errSuccess)
            // Whose transaction it is counts after its thread is gone, too.
            #expect(Runner { JetBeginTransaction(session) }.wait() == JET_errSuccess)
            #expect(JetCommitTransaction(session, 0) == JET_errSessionSharingViolation)
        }
    }
}
