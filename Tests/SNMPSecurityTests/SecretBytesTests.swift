internal import COpenSSL
import Foundation
import SNMPSecurity
import Testing

/// Where a printed form of `value` holds one of the secrets as text, as hexadecimal or as a list of numbers.
func leaks<T>(of value: T, _ secrets: [SecretBytes]) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    var found: [String] = []
    for form in [String(describing: value), String(reflecting: value), "\(value)", dumped] {
        for octets in secrets.map(\.exposedBytes) {
            let spellings = [
                String(decoding: octets, as: UTF8.self), hex(octets), hex(octets).uppercased(),
                octets.map(String.init).joined(separator: ","),
                octets.map { "-\($0)\n" }.joined(),
            ]
            found += spellings.filter(form.filter { $0 != " " }.contains).map { "'\($0)' in: \(form)" }
        }
    }
    return found
}

@Suite struct SecretBytesTests {
    @Test func printedFormsAreRedacted() {
        let secret = SecretBytes(utf8: "maplesyrup")
        #expect(leaks(of: secret, [secret]).isEmpty)
        #expect(leaks(of: ["key": secret], [secret]).isEmpty)
        #expect(leaks(of: Optional(secret), [secret]).isEmpty)
        #expect("\(secret)" == "<secret>")
        #expect(String(reflecting: secret) == "<secret>")
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func theCheckForRedactionSeesAnOpenSecret() {
        let secret = SecretBytes(utf8: "maplesyrup")
        #expect(leaks(of: "maplesyrup", [secret]).count == 4)
        #expect(leaks(of: hex(secret.exposedBytes), [secret]).count == 4)
        #expect(leaks(of: secret.exposedBytes, [secret]).count == 4)
    }

    @Test func equalityLooksAtAllOctets() {
        #expect(SecretBytes([1, 2, 3]) == SecretBytes([1, 2, 3]))
        #expect(SecretBytes([1, 2, 3]) != SecretBytes([1, 2, 4]))
        #expect(SecretBytes([1, 2, 3]) != SecretBytes([0, 2, 3]))
        #expect(SecretBytes([1, 2, 3]) != SecretBytes([1, 2]))
        #expect(SecretBytes([]) == SecretBytes([]))
    }

    @Test func contentSurvivesTheCopy() {
        var source: [UInt8] = [9, 8, 7]
        let secret = SecretBytes(source)
        source[0] = 0
        #expect(secret.exposedBytes == [9, 8, 7])
        #expect(secret.byteCount == 3)
    }

    // In a process of its own, because OpenSSL accepts other memory functions only before its first allocation.
    @Test func memoryIsWipedBeforeItIsFreed() async {
        await #expect(processExitsWith: .exitCode(42)) {
            try #require(
                CRYPTO_set_mem_functions(
                    { count, _, _ in malloc(count) }, { pointer, count, _, _ in realloc(pointer, count) },
                    { pointer, _, _ in
                        if let pointer, UnsafeRawPointer(pointer) == WatchedMemory.start {
                            WatchedMemory.atRelease = Array(UnsafeRawBufferPointer(start: pointer, count: 10))
                        }
                        free(pointer)
                    }) == 1)
            do {
                let secret = SecretBytes(utf8: "maplesyrup")
                secret.withBytes { $0.withUnsafeBytes { WatchedMemory.start = $0.baseAddress } }
                try #require(secret.exposedBytes == Array("maplesyrup".utf8))
                try #require(WatchedMemory.atRelease == nil)
            }
            exit(WatchedMemory.atRelease == [UInt8](repeating: 0, count: 10) ? 42 : 1)
        }
    }

    struct Refusal: Error {}

    @Test func aThrowingInitializerPassesItsErrorOn() {
        #expect(throws: Refusal.self) {
            try SecretBytes(byteCount: 4) { target throws(Refusal) in
                target[0] = 1
                throw Refusal()
            }
        }
    }
}

/// What the memory functions of `memoryIsWipedBeforeItIsFreed` saw; used by one thread of its own process.
private enum WatchedMemory {
    nonisolated(unsafe) static var start: UnsafeRawPointer?
    nonisolated(unsafe) static var atRelease: [UInt8]?
}
