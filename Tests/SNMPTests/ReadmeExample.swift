// The Swift example of the README, so that it keeps compiling. Not run: its addresses belong to nobody.

import SNMP

func readmeExample() async throws {
    let manager = try SNMPManager()
    let router = try manager.target(
        TargetConfiguration(
            Peer(try SocketAddress(parsing: "192.0.2.1:161")),
            .v3(
                try USMCredentials(
                    userName: "monitor", auth: .hmacSHA256, authKey: .password("authentication"),
                    priv: .aes256, privKey: .password("encryption")))))

    let upTime = try await router.get([1, 3, 6, 1, 2, 1, 1, 3, 0])
    let interfaces = await router.table(entry: [1, 3, 6, 1, 2, 1, 2, 2, 1])
    print(upTime, interfaces.indexes.count, interfaces.verdict)

    let listener = try NotificationListener(.init([ServiceEndpoint(.anyIPv4(port: 162))]))
    for await notification in listener.notifications {
        print(notification.trapOID, notification.variableBindings)
        // After it was kept: only now the sender is told.
        if case .inform(let token) = notification.kind { listener.confirm(token) }
    }
}
