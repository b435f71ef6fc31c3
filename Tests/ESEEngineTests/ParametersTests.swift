// Parameters: defaults, ranges, when they can be set; names and numbers agree with esent.h.

import ESEEngine
import Foundation
import Testing

@Suite struct ParametersTests {
    @Test func defaultsAreTheDocumentedOnes() throws {
        let parameters = InstanceParameters()
        // Evidence: Extensible Storage Engine System Parameters, "Default Value" of each.
        let integers: [(JetParameter, UInt64)] = [
            (.maxSessions, 16), (.maxOpenTables, 300), (.maxCursors, 1024), (.maxVerPages, 64),
            (.preferredVerPages, 58), (.maxTemporaryTables, 20), (.logFileSize, 5120), (.logBuffers, 126),
            (.logCheckpointPeriod, 1024), (.commitDefault, 0), (.circularLog, 0), (.dbExtensionSize, 256),
            (.pageTempDBMin, 0), (.cacheSizeMax, 2_000_000_000), (.cacheSizeMin, 1),
            (.checkpointDepthMax, 20_971_520), (.startFlushThreshold, 20_000_000),
            (.stopFlushThreshold, 40_000_000), (.databasePageSize, 4096), (.enableTempTableVersioning, 1),
            (.deleteOutOfRangeLogs, 0), (.accessDeniedRetryPeriod, 10_000), (.createPathIfNotExist, 0),
            (.oneDatabasePerSession, 0), (.maxInstances, 16), (.indexTuplesLengthMin, 3),
            (.indexTuplesLengthMax, 10), (.indexTuplesToIndexMax, 32_767), (.indexTupleIncrement, 1),
            (.indexTupleStart, 0), (.legacyFileNames, 1), (.keyMost, 1000), (.verPageSize, 16_384),
            (.cachedClosedTables, 64), (.waypointLatency, 0), (.globalMinVerPages, 64), (.lvChunkSizeMost, 4014),
        ]
        for (parameter, value) in integers {
            #expect(try parameters.integer(parameter) == value, "\(parameter.definition?.name ?? "?")")
        }
        let texts: [(JetParameter, String)] = [
            (.systemPath, ".\\"), (.tempPath, "tmp.edb"), (.logFilePath, ".\\"), (.baseName, "edb"),
            (.eventSource, ""), (.recovery, "on"), (.alternateDatabaseRecoveryPath, ""),
        ]
        for (parameter, value) in texts { #expect(try parameters.text(parameter) == value) }
        #expect(parameters.recovery && parameters.logFileByteCount == 5 << 20)
        #expect(parameters.logBufferByteCount == 126 * 512)
    }

    @Test func namesAndNumbersAreThoseOfTheHeader() throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let header = package.appendingPathComponent("Sources/CJet/include/esent.h").path
        var inHeader: [String: UInt32] = [:]
        for line in try String(contentsOfFile: header, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, words[1].hasPrefix("JET_param"), let number = UInt32(words[2]) else { continue }
            inHeader[String(words[1])] = number
        }
        inHeader["JET_paramMaxValueInvalid"] = nil
        let known = Dictionary(uniqueKeysWithValues: ParameterDefinition.all.map { ($0.name, $0.number) })
        #expect(known == inHeader)
        #expect(known.count > 100)
    }

    @Test func defaultsAreInTheirRanges() throws {
        for one in ParameterDefinition.all where one.settable != .never {
            var parameters = InstanceParameters()
            if one.kind == .text {
                try parameters.set(JetParameter(rawValue: one.number), to: one.defaultText)
            } else if one.range.contains(one.defaultValue) {
                try parameters.set(JetParameter(rawValue: one.number), to: one.defaultValue)
            } else {
                Issue.record("\(one.name)")
            }
        }
    }

    @Test func unknownNumbersAreRefused() {
        var parameters = InstanceParameters()
        for number: UInt32 in [21, 33, 222, 4097, .max] {
            let parameter = JetParameter(rawValue: number)
            #expect(throws: JetError.invalidParameter) { try parameters.integer(parameter) }
            #expect(throws: JetError.invalidParameter) { try parameters.text(parameter) }
            #expect(throws: JetError.invalidParameter) { try parameters.set(parameter, to: 1) }
            #expect(throws: JetError.invalidParameter) { try parameters.set(parameter, to: "a") }
        }
    }

    @Test func valuesOutOfRangeAreRefused() throws {
        var parameters = InstanceParameters()
        for (parameter, value) in [
            (JetParameter.maxSessions, 30_001), (.maxVerPages, 0), (.logFileSize, 63), (.databasePageSize, 5000),
            (.databasePageSize, 65_536), (.keyMost, 255), (.baseName, 1),
        ] as [(JetParameter, UInt64)] {
            #expect(throws: JetError.invalidParameter, "\(parameter) \(value)") {
                try parameters.set(parameter, to: value)
            }
        }
        for (parameter, value) in [
            (JetParameter.baseName, "ed"), (.baseName, "edbs"), (.maxSessions, "16"), (.tempPath, "a\0b"),
            (.logFilePath, String(repeating: "a", count: 247)),
        ] {
            #expect(throws: JetError.invalidParameter, "\(parameter)") { try parameters.set(parameter, to: value) }
        }
        #expect(throws: JetError.invalidParameter) { try parameters.text(.maxSessions) }
        #expect(throws: JetError.invalidParameter) { try parameters.integer(.baseName) }
        #expect(parameters.maxSessions == 16 && parameters.baseName == "edb")
    }

    @Test func setValuesAreGivenBack() throws {
        var parameters = InstanceParameters()
        try parameters.set(.maxSessions, to: 30_000)
        try parameters.set(.circularLog, to: 7)
        try parameters.set(.baseName, to: "res")
        try parameters.set(.recovery, to: "OFF")
        try parameters.set(.cacheSizeMax, to: .max)
        #expect(parameters.maxSessions == 30_000 && parameters.circularLog && parameters.baseName == "res")
        #expect(try parameters.integer(.circularLog) == 1)
        #expect(!parameters.recovery && parameters.cacheSizeMax == .max)
    }

    @Test func someCanOnlyBeSetBeforeInit() throws {
        var parameters = InstanceParameters()
        #expect(throws: JetError.alreadyInitialized) { try parameters.set(.maxSessions, to: 1, .running) }
        #expect(throws: JetError.alreadyInitialized) { try parameters.set(.logFilePath, to: "a", .running) }
        try parameters.set(.dbExtensionSize, to: 16, .running)
        #expect(parameters.dbExtensionSize == 16)
    }

    @Test(arguments: [
        (2048, 500, 1966), (4096, 1000, 4014), (8192, 2000, 8110), (16384, 2000, 4050), (32768, 2000, 8150),
    ])
    func limitsFollowThePageSize(pageByteCount: Int, keyMost: Int, chunk: UInt64) throws {
        var parameters = InstanceParameters()
        try parameters.set(.databasePageSize, to: UInt64(pageByteCount))
        #expect(parameters.keyMost == keyMost)
        #expect(try parameters.integer(.lvChunkSizeMost) == chunk)
    }
}
