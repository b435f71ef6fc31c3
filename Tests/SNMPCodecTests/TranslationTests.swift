import SNMPCodec
import Testing

@Suite struct TranslationTests {
    static let a = oid("1.3.6.1.2.1.1.1.0"), b = oid("1.3.6.1.2.1.1.2.0"), c = oid("1.3.6.1.2.1.31.1.1.1.6.1")

    // RFC 3584, section 4.4, row by row, and what the table leaves out.
    @Test(
        arguments: [
            (.noError, .noError), (.tooBig, .tooBig), (.noSuchName, .noSuchName), (.badValue, .badValue),
            (.readOnly, .readOnly), (.genErr, .genErr), (.noAccess, .noSuchName), (.wrongType, .badValue),
            (.wrongLength, .badValue), (.wrongEncoding, .badValue), (.wrongValue, .badValue),
            (.noCreation, .noSuchName), (.inconsistentValue, .badValue), (.resourceUnavailable, .genErr),
            (.commitFailed, .genErr), (.undoFailed, .genErr), (.authorizationError, .noSuchName),
            (.notWritable, .noSuchName), (.inconsistentName, .noSuchName), (ErrorStatus(rawValue: 19), .genErr),
            (ErrorStatus(rawValue: -1), .genErr),
        ] as [(ErrorStatus, ErrorStatus)])
    func errorStatusForV1(v2: ErrorStatus, v1: ErrorStatus) {
        #expect(v2.asV1 == v1)
        // Whatever a v1 entity says is passed on as it is.
        #expect(v1.asV2 == v1)
    }

    @Test func getBulkBecomesGetNextWithoutCounts() throws {
        let bulk = PDU.getBulk(requestID: 7, nonRepeaters: 1, maxRepetitions: 25, [VarBind(Self.a)])
        #expect(try bulk.requestForV1() == PDU(.getNext, requestID: 7, [VarBind(Self.a)]))
    }

    @Test(arguments: [PDUType.get, .getNext, .set])
    func otherRequestsStayAsTheyAre(type: PDUType) throws {
        let request = PDU(type, requestID: 7, [VarBind(Self.a, .integer(1))])
        #expect(try request.requestForV1() == request)
        let newer = PDU(type, requestID: 7, [VarBind(Self.a, .counter64(1))])
        #expect(throws: TranslationError.typeNotInV1) { try newer.requestForV1() }
    }

    @Test(arguments: [PDUType.response, .inform, .trap, .report])
    func noRequestNoTranslation(type: PDUType) {
        #expect(throws: TranslationError.noSuchPDUType) {
            try PDU(type, requestID: 1, [VarBind(Self.a)]).requestForV1()
        }
    }

    @Test func goodResponsesPassToV1UnderTheOriginalRequestID() {
        let request = PDU(.get, requestID: 7, [VarBind(Self.a)])
        let response = PDU(.response, requestID: 99, [VarBind(Self.a, .integer(1))])
        #expect(
            response.responseForV1(to: request) == .response(PDU(.response, requestID: 7, response.variableBindings)))
    }

    @Test(arguments: [SNMPValue.noSuchObject, .noSuchInstance, .endOfMibView, .counter64(5)])
    func newerValuesInAGetBecomeNoSuchName(value: SNMPValue) {
        let request = PDU(.get, requestID: 7, [VarBind(Self.a), VarBind(Self.b)])
        let response = PDU(.response, requestID: 7, [VarBind(Self.a, .integer(1)), VarBind(Self.b, value)])
        #expect(
            response.responseForV1(to: request)
                == .response(
                    PDU(.response, requestID: 7, errorStatus: .noSuchName, errorIndex: 2, request.variableBindings)))
    }

    @Test func errorsCarryTheOriginalBindings() {
        let request = PDU(.set, requestID: 7, [VarBind(Self.a, .integer(1))])
        let response = PDU(.response, requestID: 7, errorStatus: .wrongType, errorIndex: 1, [])
        #expect(
            response.responseForV1(to: request)
                == .response(
                    PDU(.response, requestID: 7, errorStatus: .badValue, errorIndex: 1, request.variableBindings)))
    }

    @Test func counter64InGetNextIsSteppedOver() {
        let request = PDU(.getNext, requestID: 7, [VarBind(Self.a), VarBind(Self.b)])
        let first = PDU(
            .response, requestID: 7,
            [VarBind(Self.a.appending(1), .integer(1)), VarBind(Self.c, .counter64(1))])
        let again = PDU(.getNext, requestID: 7, [VarBind(Self.a), VarBind(Self.c)])
        #expect(first.responseForV1(to: request) == .sendAgain(again))

        let second = PDU(
            .response, requestID: 8,
            [VarBind(Self.a.appending(1), .integer(1)), VarBind(Self.c.appending(1), .integer(2))])
        #expect(
            second.responseForV1(to: request, sent: again)
                == .response(PDU(.response, requestID: 7, second.variableBindings)))

        let end = PDU(
            .response, requestID: 8, [VarBind(Self.a.appending(1), .integer(1)), VarBind(Self.c, .endOfMibView)])
        #expect(
            end.responseForV1(to: request, sent: again)
                == .response(
                    PDU(.response, requestID: 7, errorStatus: .noSuchName, errorIndex: 2, request.variableBindings)))
    }

    @Test func counter64ThatDoesNotAdvanceIsAnErrorNotALoop() {
        let request = PDU(.getNext, requestID: 7, [VarBind(Self.c)])
        let response = PDU(.response, requestID: 7, [VarBind(Self.c, .counter64(1))])
        #expect(
            response.responseForV1(to: request)
                == .response(PDU(.response, requestID: 7, errorStatus: .genErr, errorIndex: 1, [VarBind(Self.c)])))
    }

    @Test func wrongNumberOfBindingsIsAnErrorInV1() {
        let request = PDU(.getNext, requestID: 7, [VarBind(Self.a)])
        let response = PDU(
            .response, requestID: 7, [VarBind(Self.b, .integer(1)), VarBind(Self.c, .counter64(1))])
        #expect(
            response.responseForV1(to: request)
                == .response(PDU(.response, requestID: 7, errorStatus: .genErr, errorIndex: 0, [VarBind(Self.a)])))
    }

    @Test func v1ResponsesPassToV2Unchanged() {
        let request = PDU(.get, requestID: 7, [VarBind(Self.a)])
        let response = PDU(.response, requestID: 3, errorStatus: .noSuchName, errorIndex: 1, [VarBind(Self.a)])
        #expect(
            response.responseForV2(to: request)
                == .response(
                    PDU(.response, requestID: 7, errorStatus: .noSuchName, errorIndex: 1, [VarBind(Self.a)])))
    }

    @Test func tooBigLosesItsBindingsForV2() {
        let request = PDU(.get, requestID: 7, [VarBind(Self.a), VarBind(Self.b)])
        let response = PDU(.response, requestID: 7, errorStatus: .tooBig, errorIndex: 2, request.variableBindings)
        #expect(
            response.responseForV2(to: request)
                == .response(PDU(.response, requestID: 7, errorStatus: .tooBig, errorIndex: 0, [])))
    }

    @Test func tooBigToGetBulkIsTriedOnceWithOneBinding() throws {
        let bulk = PDU.getBulk(requestID: 7, nonRepeaters: 0, maxRepetitions: 9, [VarBind(Self.a), VarBind(Self.b)])
        let tooBig = PDU(.response, requestID: 7, errorStatus: .tooBig, errorIndex: 1, bulk.variableBindings)
        let again = PDU(.getNext, requestID: 7, [VarBind(Self.a)])
        #expect(tooBig.responseForV2(to: bulk) == .sendAgain(again))
        #expect(tooBig.responseForV2(to: bulk, sent: again) == .response(PDU(.response, requestID: 7, [])))
    }

    @Test func noSuchNameAsException() throws {
        let response = PDU(.response, requestID: 7, errorStatus: .noSuchName, errorIndex: 2, [])
        func exception(_ type: PDUType, _ count: Int) -> SNMPValue? {
            response.exceptionForNoSuchName(
                to: PDU(type, requestID: 7, [VarBind](repeating: VarBind(Self.a), count: count)))?.value
        }
        #expect(exception(.get, 2) == .noSuchInstance)
        #expect(exception(.getNext, 2) == .endOfMibView)
        #expect(exception(.set, 2) == nil)
        // An error-index beyond the request names no binding.
        #expect(exception(.get, 1) == nil)
        let other = PDU(.response, requestID: 7, errorStatus: .genErr, errorIndex: 1, [])
        #expect(other.exceptionForNoSuchName(to: PDU(.get, requestID: 7, [VarBind(Self.a)])) == nil)
    }

    @Test func v1AccessSkipsCounter64() {
        let data: OIDMap<SNMPValue> = [
            [1, 3, 1]: .integer(1), [1, 3, 2, 1]: .counter64(1), [1, 3, 2, 2]: .counter64(2), [1, 3, 3]: .counter32(3),
            [1, 3, 4]: .counter64(4),
        ]
        let next = { (name: ObjectIdentifier) in
            data.next(after: name).map { VarBind($0.key, $0.value) } ?? VarBind(name, .endOfMibView)
        }
        #expect(V1Access.next(after: [1, 3], next)?.name == [1, 3, 1])
        #expect(V1Access.next(after: [1, 3, 1], next)?.name == [1, 3, 3])
        #expect(V1Access.next(after: [1, 3, 3], next) == nil)
        // An object that is its own successor ends the search.
        #expect(V1Access.next(after: [1, 3], { _ in VarBind([1, 3, 5], .counter64(0)) }) == nil)
    }
}
