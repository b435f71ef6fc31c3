// The engine's errors are JET's.

import ESEEngine
import Testing

@Suite struct JetErrorTests {
    @Test func numbersAreThoseOfTheInterface() {
        // Evidence: Extensible Storage Engine Error Codes, JET_errWriteConflict and JET_errKeyDuplicate.
        #expect(JetError.writeConflict.rawValue == -1102)
        #expect(JetError.keyDuplicate.rawValue == -1605)
    }
}
