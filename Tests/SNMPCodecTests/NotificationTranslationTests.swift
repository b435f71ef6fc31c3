import SNMPCodec
import Testing

@Suite struct NotificationTranslationTests {
    static let enterprise = oid("1.3.6.1.4.1.8072.3.2.10")
    static let ifIndex = VarBind(oid("1.3.6.1.2.1.2.2.1.1.3"), .integer(3))

    static func trap(_ generic: Int32, _ specific: Int32 = 0, _ bindings: [VarBind] = [ifIndex]) -> TrapV1PDU {
        TrapV1PDU(
            enterprise: enterprise, agentAddress: 0xC000_0201, genericTrap: generic, specificTrap: specific,
            timestamp: 4_711, bindings)
    }

    // RFC 3584, section 3.1, (3): coldStart, warmStart, linkDown, linkUp, authenticationFailure, egpNeighborLoss.
    @Test(arguments: [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)] as [(Int32, UInt32)])
    func genericTrapsToV2AndBack(generic: Int32, last: UInt32) throws {
        let trap = Self.trap(generic)
        let plain = try trap.notification(requestID: 5)
        #expect(
            plain
                == PDU(
                    .trap, requestID: 5,
                    [
                        VarBind(oid("1.3.6.1.2.1.1.3.0"), .timeTicks(4_711)),
                        VarBind(
                            oid("1.3.6.1.6.3.1.1.4.1.0"),
                            .objectIdentifier(oid("1.3.6.1.6.3.1.1.5").appending(last))),
                        Self.ifIndex,
                    ]))
        // Without snmpTrapEnterprise.0 the enterprise of the way back is snmpTraps, and the address the caller's.
        var back = try TrapV1PDU(notification: plain, agentAddress: 0x7F00_0001)
        #expect(back.enterprise == oid("1.3.6.1.6.3.1.1.5"))
        #expect(back.agentAddress == 0x7F00_0001)
        #expect(back.genericTrap == generic && back.specificTrap == 0 && back.timestamp == 4_711)
        #expect(back.variableBindings == [Self.ifIndex])

        // With the three appended bindings everything comes back, and they stay.
        let forwarded = try trap.notification(requestID: 5, forwardingCommunity: Array("public".utf8))
        let origin = [
            VarBind(oid("1.3.6.1.6.3.18.1.3.0"), .ipAddress(0xC000_0201)),
            VarBind(oid("1.3.6.1.6.3.18.1.4.0"), .string("public")),
            VarBind(oid("1.3.6.1.6.3.1.1.4.3.0"), .objectIdentifier(Self.enterprise)),
        ]
        #expect(forwarded.variableBindings == plain.variableBindings + origin)
        back = try TrapV1PDU(notification: forwarded)
        #expect(back == Self.trap(generic, 0, [Self.ifIndex] + origin))
        // Once there, they are not appended again.
        #expect(try back.notification(requestID: 5, forwardingCommunity: Array("private".utf8)) == forwarded)
    }

    @Test func enterpriseTrapsToV2AndBack() throws {
        let trap = Self.trap(6, 17)
        let notification = try trap.notification(.inform, requestID: 5)
        #expect(notification.type == .inform)
        let name = Self.enterprise.appending(0).appending(17)
        #expect(notification.notificationHead == NotificationHead(upTime: 4_711, name))
        #expect(try TrapV1PDU(notification: notification, agentAddress: 0xC000_0201) == trap)
    }

    @Test func trapIdentifierWithoutZeroLosesOneArc() throws {
        let notification = PDU.notification(requestID: 1, NotificationHead(upTime: 1, oid("1.3.6.1.4.1.9.9.43.2.1")))
        let trap = try TrapV1PDU(notification: notification)
        #expect(trap.enterprise == oid("1.3.6.1.4.1.9.9.43.2"))
        #expect(trap.genericTrap == 6 && trap.specificTrap == 1 && trap.agentAddress == 0)
        // The way back inserts the zero: this is not the same identifier, as RFC 3584 has it.
        #expect(try trap.trapOID() == oid("1.3.6.1.4.1.9.9.43.2.0.1"))
    }

    @Test func identifiersBesideTheStandardTrapsAreNotStandard() {
        #expect(NotificationNames.genericTrap(oid("1.3.6.1.6.3.1.1.5.0")) == nil)
        #expect(NotificationNames.genericTrap(oid("1.3.6.1.6.3.1.1.5.7")) == nil)
        #expect(NotificationNames.genericTrap(oid("1.3.6.1.6.3.1.1.5.1.0")) == nil)
        #expect(NotificationNames.genericTrap(oid("1.3.6.1.6.3.1.1.5")) == nil)
        #expect(NotificationNames.genericTrap(oid("1.3.6.1.6.3.1.1.6.1")) == nil)
    }

    @Test(arguments: [-1, 7, .max] as [Int32])
    func unknownGenericTrap(generic: Int32) {
        #expect(throws: TranslationError.unknownGenericTrap) { try Self.trap(generic).notification(requestID: 1) }
    }

    @Test func specificTrapMustFitIntoBothForms() {
        #expect(throws: TranslationError.specificTrapOutOfRange) { try Self.trap(6, -1).trapOID() }
        let large = PDU.notification(requestID: 1, NotificationHead(upTime: 1, Self.enterprise.appending(0x8000_0000)))
        #expect(throws: TranslationError.specificTrapOutOfRange) { try TrapV1PDU(notification: large) }
    }

    @Test func enterpriseOf127ArcsIsTooLong() throws {
        var trap = Self.trap(6, 1)
        trap.enterprise = ObjectIdentifier(arcs: [1, 3] + [UInt32](repeating: 1, count: 125))!
        #expect(throws: TranslationError.identifierTooLong) { try trap.trapOID() }
        trap.enterprise = trap.enterprise.prefix(126)
        #expect(try trap.trapOID().count == 128)
    }

    @Test func counter64CannotGoIntoAV1Trap() {
        let notification = PDU.notification(
            requestID: 1, NotificationHead(upTime: 1, Self.enterprise), [VarBind(oid("1.3.6.1"), .counter64(1))])
        #expect(throws: TranslationError.typeNotInV1) { try TrapV1PDU(notification: notification) }
    }

    @Test func onlyNotificationsBecomeTraps() {
        #expect(throws: TranslationError.noSuchPDUType) { try TrapV1PDU(notification: PDU(.get, requestID: 1, [])) }
    }

    @Test(
        arguments: [
            [], [VarBind(NotificationNames.sysUpTime, .timeTicks(1))],
            // The other way round.
            [
                VarBind(NotificationNames.snmpTrapOID, .objectIdentifier([1, 3, 6])),
                VarBind(NotificationNames.sysUpTime, .timeTicks(1)),
            ],
            [VarBind(NotificationNames.sysUpTime, .timeTicks(1)), VarBind(NotificationNames.snmpTrapOID, .integer(1))],
            [
                VarBind(NotificationNames.sysUpTime, .counter64(1 << 32)),
                VarBind(NotificationNames.snmpTrapOID, .objectIdentifier([1, 3, 6])),
            ],
            // No enterprise is left of these.
            [
                VarBind(NotificationNames.sysUpTime, .timeTicks(1)),
                VarBind(NotificationNames.snmpTrapOID, .objectIdentifier([0, 0])),
            ],
            [
                VarBind(NotificationNames.sysUpTime, .timeTicks(1)),
                VarBind(NotificationNames.snmpTrapOID, .objectIdentifier([1, 0, 5])),
            ],
        ] as [[VarBind]])
    func malformedNotifications(bindings: [VarBind]) {
        #expect(throws: TranslationError.malformedNotification) {
            try TrapV1PDU(notification: PDU(.trap, requestID: 1, bindings))
        }
    }

    @Test func everyErrorHasItsOwnText() {
        #expect(Set(TranslationError.allCases.map(\.description)).count == TranslationError.allCases.count)
    }
}
