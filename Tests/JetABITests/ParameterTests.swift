// Parameters, text of all kinds, and what is told of instances and errors, through the C functions.

import CJet
import ESEEngine
import Foundation
import Jet
@testable import JetABI
import Testing

extension InProcessTests {
    struct ParameterTests {
        /// An integer, asked for with an instance.
        private func integer(_ parameter: Int32, _ instance: JET_INSTANCE, session: JET_SESID = 0) -> JET_API_PTR? {
            var value: JET_API_PTR = 0
            let buffer: JET_PSTR? = nil
            let result = JetGetSystemParameter(instance, session, UInt32(parameter), &value, buffer, 0)
            return result == JET_errSuccess ? value : nil
        }

        private func set(_ parameter: Int32, _ value: JET_API_PTR, _ instance: JET_INSTANCE = 0) -> JET_ERR {
            var instance = instance
            let none: JET_PCSTR? = nil
            return JetSetSystemParameter(&instance, 0, UInt32(parameter), value, none)
        }

        @Test func instanceAndProcessHaveTheirOwn() throws {
            let running = try Running(isInitialised: false)
            #expect(set(JET_paramMaxVerPages, 100, running.handle) == JET_errSuccess)
            #expect(integer(JET_paramMaxVerPages, running.handle) == 100)
            #expect(integer(JET_paramMaxVerPages, 0) == 64)
            #expect(set(JET_paramMaxCursors, 77) == JET_errSuccess)
            #expect(integer(JET_paramMaxCursors, running.handle) == 1024)
            let other = try Running("other", isInitialised: false)
            #expect(integer(JET_paramMaxCursors, other.handle) == 77)
            #expect(set(JET_paramMaxCursors, 1024) == JET_errSuccess)
            // The size of a page is the process's, whomever it is asked of.
            #expect(set(JET_paramDatabasePageSize, 8192, running.handle) == JET_errSuccess)
            #expect(integer(JET_paramDatabasePageSize, other.handle) == 8192)
            #expect(integer(JET_paramKeyMost, other.handle) == 2000)
            #expect(set(JET_paramDatabasePageSize, 5000) == JET_errInvalidParameter)
            #expect(set(JET_paramDatabasePageSize, 4096) == JET_errSuccess)
        }

        @Test func someAreSetBeforeInitialisationOnly() throws {
            let running = try Running()
            #expect(set(JET_paramMaxSessions, 10, running.handle) == JET_errAlreadyInitialized)
            #expect(set(JET_paramDatabasePageSize, 8192) == JET_errAlreadyInitialized)
            #expect(set(JET_paramCheckpointDepthMax, 1 << 20, running.handle) == JET_errSuccess)
            // For the instances to come.
            #expect(set(JET_paramMaxSessions, 16) == JET_errSuccess)
            let session = try running.session()
            #expect(integer(JET_paramCheckpointDepthMax, 0, session: session) == 1 << 20)
            #expect(integer(JET_paramCheckpointDepthMax, 0, session: 4711) == nil)
        }

        @Test func sizeOfTheCacheIsToldAndChanges() throws {
            let running = try Running(isInitialised: false)
            defer {
                #expect(set(JET_paramCacheSize, 0) == JET_errSuccess)
                #expect(set(JET_paramCacheSizeMin, 1) == JET_errSuccess)
                #expect(set(JET_paramCacheSizeMax, 2_000_000_000) == JET_errSuccess)
            }
            #expect(set(JET_paramCacheSizeMin, 64) == JET_errSuccess)
            #expect(set(JET_paramCacheSizeMax, 1_000, running.handle) == JET_errSuccess)
            #expect(integer(JET_paramCacheSizeMin, 0) == 64 && integer(JET_paramCacheSizeMax, 0) == 1_000)
            // Nothing is there yet: what was set.
            #expect(integer(JET_paramCacheSize, 0) == 0)
            #expect(running.initialise() == JET_errSuccess)
            let session = try running.session()
            var database: JET_DBID = 0
            let path = running.directory.path + "/a.edb"
            #expect(JetCreateDatabaseA(session, path, nil, &database, 0) == JET_errSuccess)
            // Memory comes when it is needed, in steps of 1 MiB.
            let first = try #require(integer(JET_paramCacheSize, running.handle))
            #expect(first > 0 && first <= 1_000)
            #expect(set(JET_paramCacheSize, 80, running.handle) == JET_errSuccess)
            let second = try #require(integer(JET_paramCacheSize, 0, session: session))
            #expect(second > 0 && second <= 256)
            #expect(integer(JET_paramCacheSizeMax, running.handle) == 1_000)
            #expect(set(JET_paramCacheSizeMax, 0) == JET_errInvalidParameter)
        }

        @Test func outOfRange() throws {
            let running = try Running(isInitialised: false)
            #expect(set(JET_paramMaxSessions, 30_001, running.handle) == JET_errInvalidParameter)
            #expect(set(JET_paramIndexTuplesLengthMin, 1, running.handle) == JET_errIndexTuplesInvalidLimits)
            #expect(set(JET_paramMaxColtyp, 1, running.handle) == JET_errInvalidParameter)
            #expect(set(JET_paramBaseName, 1, running.handle) == JET_errInvalidParameter)
            #expect(set(100_000, 1, running.handle) == JET_errInvalidParameter)
            #expect(set(JET_paramMaxVerPages, 1, 4711) == JET_errInvalidInstance)
        }

        @Test func unicodeIndexDefaultIsCopied() throws {
            let running = try Running(isInitialised: false)
            var index = JET_UNICODEINDEX(lcid: 0x407, dwMapFlags: 0x400)
            let result = withUnsafeMutablePointer(to: &index) {
                set(JET_paramUnicodeIndexDefault, JET_API_PTR(bitPattern: $0), running.handle)
            }
            #expect(result == JET_errSuccess)
            index = JET_UNICODEINDEX()
            var answer: JET_API_PTR = 0
            let buffer: JET_PSTR? = nil
            let parameter = UInt32(JET_paramUnicodeIndexDefault)
            #expect(JetGetSystemParameter(running.handle, 0, parameter, &answer, buffer, 8) == JET_errSuccess)
            #expect(answer == 0x400_0000_0407)
            #expect(JetGetSystemParameter(running.handle, 0, parameter, &answer, buffer, 7) == JET_errBufferTooSmall)
        }

        @Test func textIsUTF8AndUTF16() throws {
            let running = try Running(isInitialised: false)
            let directory = running.directory.path + "/Größe 🐟/"
            var handle = running.handle
            let parameter = UInt32(JET_paramSystemPath)
            let wide = Array(directory.utf16) + [0]
            #expect(JetSetSystemParameterW(&handle, 0, parameter, 0, wide) == JET_errSuccess)
            var narrow = [CChar](repeating: 1, count: 300)
            #expect(JetGetSystemParameterA(handle, 0, parameter, nil, &narrow, 300) == JET_errSuccess)
            #expect(narrow.prefix(directory.utf8.count + 1).elementsEqual(directory.utf8CString))
            // What doesn't fit is left out, by whole characters.
            let room = directory.utf8.count - 2
            #expect(JetGetSystemParameterA(handle, 0, parameter, nil, &narrow, UInt32(room)) == JET_errSuccess)
            let cut = narrow.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            #expect(String(validating: cut, as: UTF8.self) == String(directory.dropLast(2)))
            var units = [UInt16](repeating: 1, count: 300)
            let wideRoom = UInt32(wide.count - 2) * 2
            #expect(JetGetSystemParameterW(handle, 0, parameter, nil, &units, wideRoom) == JET_errSuccess)
            #expect(String(decoding: units.prefix { $0 != 0 }, as: UTF16.self) == String(directory.dropLast(2)))
        }

        @Test func defaultsOfCommits() throws {
            let running = try Running()
            let session = try running.session()
            var value: UInt32 = 1
            let parameter = UInt32(JET_sesparamCommitDefault)
            #expect(JetSetSessionParameter(session, parameter, &value, 4) == JET_errSuccess)
            #expect(JetSetSessionParameter(session, parameter, &value, 8) == JET_errInvalidBufferSize)
            #expect(JetSetSessionParameter(session, parameter, nil, 4) == JET_errInvalidParameter)
            #expect(JetSetSessionParameter(session, 1, &value, 4) == JET_errInvalidSesparamId)
            #expect(
                JetSetSessionParameter(session, UInt32(JET_sesparamTransactionLevel), &value, 4)
                    == JET_errFeatureNotAvailable)
            value = 0
            var size: UInt32 = 0
            #expect(JetGetSessionParameter(session, parameter, &value, 4, &size) == JET_errSuccess)
            #expect(value == 1 && size == 4)
            // A copy begins with the instance's.
            var copy: JET_SESID = 0
            #expect(JetDupSession(session, &copy) == JET_errSuccess)
            #expect(JetGetSessionParameter(copy, parameter, &value, 4, nil) == JET_errSuccess)
            #expect(value == 0)
            var context: UInt64 = 0x0123_4567_89AB_CDEF
            let operation = UInt32(JET_sesparamOperationContext)
            #expect(JetSetSessionParameter(session, operation, &context, 8) == JET_errSuccess)
            context = 0
            #expect(JetGetSessionParameter(session, operation, &context, 8, &size) == JET_errSuccess)
            #expect(context == 0x0123_4567_89AB_CDEF && size == 8)
        }

        @Test func otherOptionsOfRecoveryAreRefused() throws {
            let running = try Running(isInitialised: false)
            var handle = running.handle
            #expect(JetInit2(&handle, JET_GRBIT(JET_bitRecoveryWithoutUndo)) == JET_errFeatureNotAvailable)
            var info = JET_RSTINFO_W()
            #expect(JetInit3W(&handle, &info, 0) == JET_errInvalidParameter)
            info.cbStruct = UInt32(MemoryLayout<JET_RSTINFO_W>.size)
            #expect(JetInit3W(&handle, &info, JET_GRBIT(JET_bitReplayIgnoreMissingDB)) == JET_errSuccess)
        }
    }
}

/// What needs no instance.
struct InformationTests {
    private func category(_ number: JET_ERR) -> JET_ERRCAT? {
        var (number, info) = (number, JET_ERRINFOBASIC_W())
        let result = JetGetErrorInfoW(
            &number, &info, UInt32(MemoryLayout<JET_ERRINFOBASIC_W>.size), UInt32(JET_ErrorInfoSpecificErr), 0)
        return result == JET_errSuccess ? info.errcatMostSpecific : nil
    }

    /// Every number of esent.h has a kind, and no other.
    @Test func everyErrorHasAKind() {
        #expect(category(JET_errSuccess) == JET_errcatState)
        #expect(category(JET_errDiskFull) == JET_errcatDisk)
        for (error, name, _) in JetError.all { #expect(category(error.rawValue) != nil, "\(name)") }
        for (warning, name, _) in JetWarning.all { #expect(category(warning.rawValue) != nil, "\(name)") }
        #expect(category(-12_345) == nil)
    }

    @Test func pathsOfKindsBeginAtError() {
        for kind in ErrorCategory.allCases where kind != .unknown {
            #expect(kind.path.first == .error && kind.path.last == kind && kind.path.count <= 4)
        }
    }

    @Test func wrongCallsOfErrorInfo() {
        var (number, info) = (JET_ERR(JET_errDiskFull), JET_ERRINFOBASIC_W())
        let size = UInt32(MemoryLayout<JET_ERRINFOBASIC_W>.size)
        let level = UInt32(JET_ErrorInfoSpecificErr)
        #expect(JetGetErrorInfoW(nil, &info, size, level, 0) == JET_errInvalidParameter)
        #expect(JetGetErrorInfoW(&number, nil, size, level, 0) == JET_errInvalidParameter)
        #expect(JetGetErrorInfoW(&number, &info, size - 1, level, 0) == JET_errInvalidBufferSize)
        #expect(JetGetErrorInfoW(&number, &info, size, 7, 0) == JET_errInvalidParameter)
        #expect(JetGetErrorInfoW(&number, &info, size, level, 1) == JET_errInvalidParameter)
    }
}
