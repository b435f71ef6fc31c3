import Primitives
import SNMPAgent
import SNMPCodec
import SNMPSecurity
import Testing

@Suite struct ViewTests {
    /// Evidence: RFC 3415, section 4, vacmViewTreeFamilyTable and its example of one row of a table.
    @Test func masksLeaveArcsOpen() {
        // ifEntry.*.5 : the columns are open, the index is not.
        let row = View([ViewFamily([1, 3, 6, 1, 2, 1, 2, 2, 1, 0, 5], mask: [0xFF, 0xA0])])
        #expect(row.contains([1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 5]))
        #expect(row.contains([1, 3, 6, 1, 2, 1, 2, 2, 1, 22, 5, 6]))
        #expect(!row.contains([1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 6]))
        #expect(!row.contains([1, 3, 6, 1, 2, 1, 2, 2, 1, 1]))
        #expect(!row.contains([1, 3, 6, 1, 2, 1, 2, 3, 1, 1, 5]))
    }

    @Test func theLongestThenTheGreatestFamilyDecides() {
        let view = View([
            ViewFamily([1, 3]), ViewFamily([1, 3, 6, 1], included: false), ViewFamily([1, 3, 6, 1, 2]),
            // Of the same length and both matching 1.3.9.8: the greater one decides.
            ViewFamily([1, 3, 9, 7], mask: [0xE0], included: true),
            ViewFamily([1, 3, 9, 9], mask: [0xE0], included: false),
        ])
        #expect(view.contains([1, 3, 5]))
        #expect(!view.contains([1, 3, 6, 1, 1]))
        #expect(!view.contains([1, 3, 6, 1]))
        #expect(view.contains([1, 3, 6, 1, 2, 9]))
        #expect(!view.contains([1, 3, 9, 8]))
        #expect(!view.contains([1, 4]))
        #expect(!View([]).contains([1]))
        #expect(View.all.contains([1, 3, 6]))
    }

    /// A longer family with an open arc puts back a part of what a shorter one cuts out.
    @Test func openFamiliesInsideACutAreFound() throws {
        let open = try #require(Lab.root.appending(contentsOf: [0, 1, 5]))
        let view = View([
            ViewFamily(Lab.root), ViewFamily(Lab.oid(1), included: false),
            // The arc below the root is open.
            ViewFamily(open, mask: [0xFE, 0xFF]),
        ])
        let agent = Lab.agent(access: .readOnly(view: view))
        let names = [Lab.oid(1, 0), Lab.oid(1, 1, 5), Lab.oid(1, 2), Lab.oid(2, 0)]
        try agent.register(StoredSubtree(root: Lab.root, names.map { VarBind($0, .integer(1)) }))
        let walk = try #require(try Lab.ask(agent, Lab.bulk(0, 3, [Lab.root])))
        #expect(walk.variableBindings.map(\.name) == [names[1], names[3], names[3]])
    }

    /// Hidden rows cost no steps: one cut, one step.
    @Test func hiddenSubtreesAreSkipped() throws {
        final class Counting: ManagedSubtree {
            let root = Lab.oid(1)
            var calls = 0
            func value(of name: ObjectIdentifier, at now: Instant) -> SNMPValue { .noSuchInstance }
            func next(after name: ObjectIdentifier, at now: Instant) -> VarBind? {
                calls += 1
                // Rows 0... in columns 1 to 3.
                var column: UInt32 = 1, row: UInt32 = 0
                if name > root {
                    column = max(name[root.count], 1)
                    if name.count > root.count + 1 {
                        let last = name[root.count + 1]
                        if last >= 1_000_000 { column += 1 } else { row = last + 1 }
                    }
                }
                return column > 3 ? nil : VarBind(root.appending(column).appending(row), .integer(1))
            }
        }
        let view = View([
            ViewFamily(Lab.root), ViewFamily(Lab.oid(1, 1), included: false),
            ViewFamily(Lab.oid(1, 2), included: false),
        ])
        let counting = Counting()
        let agent = Lab.agent(access: .readOnly(view: view))
        try agent.register(counting)
        let response = try #require(try Lab.ask(agent, Lab.getNext(Lab.oid(1))))
        #expect(response.variableBindings == [VarBind(Lab.oid(1, 3, 0), .integer(1))])
        #expect(counting.calls <= 4)
        // A view that begins further on, and one that is behind.
        for (family, expected) in [(Lab.oid(1, 2, 500), Lab.oid(1, 2, 500)), (Lab.oid(0), nil)] {
            counting.calls = 0
            let other = Lab.agent(access: .readOnly(view: View([ViewFamily(family)])))
            try other.register(counting)
            let found = try #require(try Lab.ask(other, Lab.getNext(Lab.oid(1)))?.variableBindings.first)
            #expect(found.name == expected ?? Lab.oid(1))
            #expect(found.value == (expected == nil ? .endOfMibView : .integer(1)))
            #expect(counting.calls <= 2)
        }
    }
}

@Suite struct AccessControlTests {
    static func view(
        _ control: AccessControl, _ kind: AccessKind = .read, _ model: SecurityModel = .usm, _ name: String = "ann",
        _ level: SecurityLevel = .authPriv, _ context: String = ""
    ) -> Result<View, AccessDenial> {
        do throws(AccessDenial) {
            return .success(
                try control.view(
                    for: kind, model: model, securityName: Array(name.utf8), level: level,
                    context: Array(context.utf8)))
        } catch {
            return .failure(error)
        }
    }

    static func control(_ entries: [AccessEntry]) -> AccessControl {
        var control = AccessControl()
        control.assign(.usm, Array("ann".utf8), to: "staff")
        for entry in entries { control.allow(entry) }
        for name in ["a", "b", "c", "d"] {
            control.define(view: name, View([ViewFamily([1, UInt32(name.utf8.first ?? 0)])]))
        }
        control.define(view: "nothing", View([]))
        return control
    }

    static func named(_ name: String) -> Result<View, AccessDenial> {
        .success(View([ViewFamily([1, UInt32(name.utf8.first ?? 0)])]))
    }

    /// Evidence: RFC 3415, 3.2, steps 2 to 5.
    @Test func denials() {
        let control = Self.control([
            AccessEntry(group: "staff", model: .usm, minimumLevel: .authNoPriv, readView: "a", writeView: "nothing")
        ])
        #expect(Self.view(control) == Self.named("a"))
        #expect(Self.view(control, .read, .usm, "bob") == .failure(.noGroupName))
        #expect(Self.view(control, .read, .v2c) == .failure(.noGroupName))
        #expect(Self.view(control, .read, .usm, "ann", .noAuthNoPriv) == .failure(.noAccessEntry))
        #expect(Self.view(control, .notify) == .failure(.noSuchView))
        #expect(Self.view(control, .write) == .failure(.noSuchView))
        #expect(Self.view(AccessControl()) == .failure(.noGroupName))
        // A name without a view behind it.
        let dangling = Self.control([AccessEntry(group: "staff", minimumLevel: .noAuthNoPriv, readView: "zzz")])
        #expect(Self.view(dangling) == .failure(.noSuchView))
    }

    @Test func contexts() {
        let exact = AccessEntry(
            group: "staff", context: Array("lan1".utf8), minimumLevel: .noAuthNoPriv, readView: "a")
        let prefix = AccessEntry(
            group: "staff", context: Array("lan".utf8), matchesPrefix: true, minimumLevel: .noAuthNoPriv, readView: "b")
        let control = Self.control([prefix, exact])
        #expect(Self.view(control, .read, .usm, "ann", .authPriv, "lan1") == Self.named("a"))
        #expect(Self.view(control, .read, .usm, "ann", .authPriv, "lan2") == Self.named("b"))
        #expect(Self.view(control, .read, .usm, "ann", .authPriv, "lan") == Self.named("b"))
        #expect(Self.view(control, .read, .usm, "ann", .authPriv, "la") == .failure(.noAccessEntry))
        #expect(Self.view(control) == .failure(.noAccessEntry))
    }

    /// Evidence: RFC 3415, section 4, vacmAccessTable: the order of preference among entries that apply. Each entry
    /// beats the next, in whatever order they are configured.
    @Test func preference() {
        let lan = Array("lan".utf8), la = Array("la".utf8)
        let ranked = [
            AccessEntry(group: "staff", context: lan, model: .usm, minimumLevel: .authNoPriv, readView: "a"),
            AccessEntry(group: "staff", context: lan, model: .usm, minimumLevel: .noAuthNoPriv, readView: "a"),
            AccessEntry(
                group: "staff", context: lan, matchesPrefix: true, model: .usm, minimumLevel: .authPriv,
                readView: "a"),
            AccessEntry(
                group: "staff", context: la, matchesPrefix: true, model: .usm, minimumLevel: .authNoPriv,
                readView: "a"),
            AccessEntry(
                group: "staff", context: [], matchesPrefix: true, model: .usm, minimumLevel: .authPriv, readView: "a"),
            AccessEntry(group: "staff", context: lan, minimumLevel: .authPriv, readView: "a"),
            AccessEntry(group: "staff", minimumLevel: .authPriv, readView: "a"),
            AccessEntry(group: "staff", minimumLevel: .noAuthNoPriv, readView: "a"),
        ]
        for first in ranked.indices {
            for second in ranked.indices where second > first {
                var better = ranked[first]
                better.readView = "b"
                for entries in [[better, ranked[second]], [ranked[second], better]] {
                    #expect(
                        Self.view(Self.control(entries), .read, .usm, "ann", .authPriv, "lan") == Self.named("b"),
                        "\(first) against \(second)")
                }
            }
        }
    }

    @Test func readOnlyLetsUsersInOnlySigned() {
        let control = AccessControl.readOnly()
        #expect(Self.view(control, .read, .v1, "public", .noAuthNoPriv) == .success(.all))
        #expect(Self.view(control, .read, .v2c, "x", .noAuthNoPriv, "any") == .success(.all))
        #expect(Self.view(control, .read, .usm, "ann", .noAuthNoPriv) == .failure(.noAccessEntry))
        #expect(Self.view(control, .notify, .usm, "ann", .authNoPriv) == .success(.all))
        #expect(Self.view(control, .write) == .failure(.noSuchView))
        #expect(Self.view(.readWrite(), .write) == .success(.all))
        let strict = AccessControl.readOnly(minimumUserLevel: .authPriv)
        #expect(Self.view(strict, .read, .usm, "ann", .authNoPriv) == .failure(.noAccessEntry))
    }

    /// Evidence: RFC 3416, 4.2.1 to 4.2.5: what is not in view does not exist, and cannot be set.
    @Test func instancesOutOfView() throws {
        var access = AccessControl.readWrite(view: View([ViewFamily(Lab.oid(1, 1))]))
        access.define(view: "default", View([ViewFamily(Lab.oid(1, 1))]))
        let agent = Lab.agent(access: access)
        let subtree = FaultySubtree(root: Lab.oid(1), [Lab.oid(1, 1): .integer(1), Lab.oid(1, 2): .integer(2)])
        try agent.register(subtree)
        let get = try #require(try Lab.ask(agent, Lab.get(Lab.oid(1, 1), Lab.oid(1, 2))))
        #expect(get.variableBindings.map(\.value) == [.integer(1), .noSuchObject])
        let next = try #require(try Lab.ask(agent, Lab.getNext(Lab.oid(1), Lab.oid(1, 1))))
        #expect(next.variableBindings.map(\.value) == [.integer(1), .endOfMibView])
        let set = Lab.set(VarBind(Lab.oid(1, 1), .integer(7)), VarBind(Lab.oid(1, 2), .integer(8)))
        let answer = try #require(try Lab.ask(agent, set))
        #expect(answer.errorStatus == .noAccess && answer.errorIndexField == 2)
        let v1 = try #require(try Lab.ask(agent, set, version: .v1))
        #expect(v1.errorStatus == .noSuchName && v1.errorIndexField == 2)
        #expect(subtree.values[Lab.oid(1, 1)] == .integer(1))
    }

    /// Evidence: RFC 3413, 3.2, (5): authorizationError, index zero; v1: noSuchName (RFC 3584, 4.4).
    @Test func deniedAltogether() throws {
        let agent = Lab.agent(access: AccessControl())
        try agent.register(Lab.table(rows: 1))
        for request in [Lab.get(Lab.oid(1, 1, 1)), Lab.getNext(Lab.oid(1)), Lab.bulk(0, 3, [Lab.oid(1)])] {
            let response = try #require(try Lab.ask(agent, request))
            #expect(response.errorStatus == .authorizationError && response.errorIndexField == 0)
            #expect(response.variableBindings == request.variableBindings)
        }
        let v1 = try #require(try Lab.ask(agent, Lab.get(Lab.oid(1, 1, 1)), version: .v1))
        #expect(v1.errorStatus == .noSuchName && v1.errorIndexField == 1)
    }
}

@Suite struct CommunityTests {
    @Test func communityDecidesContextAndPrincipal() throws {
        var access = AccessControl()
        access.assign(.v2c, Array("reader".utf8), to: "readers")
        access.allow(AccessEntry(group: "readers", minimumLevel: .noAuthNoPriv, readView: "all"))
        access.define(view: "all", .all)
        let agent = Lab.agent(
            access: access,
            communities: [
                Community(Array("one".utf8), securityName: "reader"),
                Community(Array("two".utf8), securityName: "reader", contextName: Array("ctx".utf8)),
                Community(Array("three".utf8), securityName: "stranger"),
                Community(Array("four".utf8), securityName: "reader", contextName: Array("gone".utf8)),
            ])
        try agent.register(StoredSubtree(root: Lab.oid(1), [VarBind(Lab.oid(1, 0), .integer(1))]))
        try agent.register(
            StoredSubtree(root: Lab.oid(1), [VarBind(Lab.oid(1, 0), .integer(2))]), context: Array("ctx".utf8))
        let request = Lab.get(Lab.oid(1, 0))
        #expect(try Lab.ask(agent, request, community: "one")?.variableBindings.first?.value == .integer(1))
        #expect(try Lab.ask(agent, request, community: "two")?.variableBindings.first?.value == .integer(2))
        #expect(try Lab.ask(agent, request, community: "three")?.errorStatus == .authorizationError)
        #expect(agent.counters.unknownContexts == 0)
        #expect(try Lab.ask(agent, request, community: "four") == nil)
        #expect(agent.counters.unknownContexts == 1)
    }

    @Test func wrongCommunitiesAreDroppedAndCounted() throws {
        let agent = Lab.agent(communities: [Community(Array("secret".utf8), versions: [.v2c])])
        var failures: [SocketAddress] = []
        agent.onAuthenticationFailure = { source, _ in failures.append(source) }
        for community in ["", "secre", "secrets", "Secret", "sEcret"] {
            #expect(try Lab.ask(agent, Lab.get(Lab.oid(1)), community: community) == nil)
        }
        #expect(try Lab.ask(agent, Lab.get(Lab.oid(1)), version: .v1, community: "secret") == nil)
        #expect(agent.counters.inBadCommunityNames == 6)
        // Off by default; on, the hook hears of each.
        #expect(failures.isEmpty)
        agent.reportsAuthenticationFailures = true
        #expect(try Lab.ask(agent, Lab.get(Lab.oid(1)), community: "x") == nil)
        #expect(failures == [Lab.manager])
        #expect(try Lab.ask(agent, Lab.get(Lab.oid(1)), community: "secret") != nil)
        #expect(failures.count == 1)
    }

    @Test func sources() throws {
        let agent = Lab.agent(communities: [
            Community(
                Array("public".utf8),
                sources: [
                    SourceFilter(SocketAddress(ipv4: 192, 0, 2, 0, port: 0), prefixLength: 25),
                    SourceFilter(SocketAddress(ipv6High: 0x2001_0DB8 << 32, low: 0, port: 0), prefixLength: 33),
                ])
        ])
        let request = Lab.get(Lab.oid(1))
        let allowed = [
            SocketAddress(ipv4: 192, 0, 2, 127, port: 5), SocketAddress(ipv4: 192, 0, 2, 1, port: 5).mapped,
            SocketAddress(ipv6High: 0x2001_0DB8_7FFF_0000, low: 9, port: 5),
        ]
        let refused = [
            SocketAddress(ipv4: 192, 0, 2, 128, port: 5), SocketAddress(ipv4: 192, 0, 3, 1, port: 5),
            SocketAddress(ipv6High: 0x2001_0DB8_8000_0000, low: 9, port: 5),
        ]
        for source in allowed { #expect(try Lab.ask(agent, request, from: source) != nil, "\(source)") }
        for source in refused { #expect(try Lab.ask(agent, request, from: source) == nil, "\(source)") }
        let any = SourceFilter(SocketAddress(ipv4: 9, 9, 9, 9, port: 0), prefixLength: -3)
        #expect(any.contains(Lab.manager))
        let exact = SourceFilter(SocketAddress(ipv4: 192, 0, 2, 7, port: 0), prefixLength: 99)
        #expect(exact.contains(Lab.manager))
        #expect(!exact.contains(SocketAddress(ipv4: 192, 0, 2, 6, port: 0)))
    }

    @Test func communitiesDoNotShow() {
        let community = Community(Array("s3cret".utf8))
        var text = ""
        dump(CommunityTable([community]), to: &text)
        for shown in [text, "\(community)", String(reflecting: community)] {
            #expect(!shown.contains("s3cret"))
            #expect(!shown.contains("115"))
        }
    }
}
