// Layer: Jet. Used by: JetABI.
// What kind of error each number of JET is, as JetGetErrorInfo tells. Tests compare the numbers with esent.h.

/// A kind of errors. C name: JET_ERRCAT.
public enum ErrorCategory: UInt32, Sendable, CaseIterable {
    /// Nothing is known of it. C name: JET_errcatUnknown.
    case unknown = 0
    /// Any error. C name: JET_errcatError.
    case error = 1
    /// Something happened while working that need not happen again. C name: JET_errcatOperation.
    case operation = 2
    /// The instance or the process can't go on. C name: JET_errcatFatal.
    case fatal = 3
    /// Reading or writing failed. C name: JET_errcatIO.
    case io = 4
    /// Something ran out. C name: JET_errcatResource.
    case resource = 5
    /// Memory ran out. C name: JET_errcatMemory.
    case memory = 6
    /// A limit that was set was reached. C name: JET_errcatQuota.
    case quota = 7
    /// Disk space ran out. C name: JET_errcatDisk.
    case disk = 8
    /// The data are not right. C name: JET_errcatData.
    case data = 9
    /// Data are damaged. C name: JET_errcatCorruption.
    case corruption = 10
    /// Data don't fit together, such as logs and databases. C name: JET_errcatInconsistent.
    case inconsistent = 11
    /// Something must be compacted. C name: JET_errcatFragmentation.
    case fragmentation = 12
    /// The caller did something wrong. C name: JET_errcatApi.
    case api = 13
    /// A call was wrong in itself. C name: JET_errcatUsage.
    case usage = 14
    /// A call was made at the wrong time. C name: JET_errcatState.
    case state = 15
    /// An error that nothing gives any more. C name: JET_errcatObsolete.
    case obsolete = 16

    /// The kind that this one is part of.
    public var parent: ErrorCategory? {
        switch self {
        case .unknown, .error: nil
        case .operation, .data, .api: .error
        case .fatal, .io, .resource: .operation
        case .memory, .quota, .disk: .resource
        case .corruption, .inconsistent, .fragmentation: .data
        case .usage, .state, .obsolete: .api
        }
    }

    /// From the most general kind to this one. C name: JET_ERRINFOBASIC.rgCategoricalHierarchy.
    public var path: [ErrorCategory] { (parent?.path ?? []) + [self] }

    /// The kind of an error, of a warning or of success; nil if it is no number of JET.
    public static func of(_ number: Int32) -> ErrorCategory? { byNumber[number] }

    private static let byNumber: [Int32: ErrorCategory] = {
        var list: [Int32: ErrorCategory] = [:]
        for (category, numbers) in table {
            for number in numbers { list[number] = category }
        }
        return list
    }()

    private static let table: [(ErrorCategory, [Int32])] = [
        (
            .unknown,
            [
                1618, 1610, 1301, 1067, 1055, 564, 559, 558, -100, -101, -102, -323, -324, -328, -340, -342, -408,
                -500, -531, -534, -538, -540, -549, -552, -561, -575, -580, -581, -1027, -1043, -1044, -1052, -1061,
                -1091, -1109, -1210, -1211, -1212, -1218, -1314, -1316, -1330, -1401, -1501, -1505, -1514, -1519,
                -1611, -1619, -1702, -1803, -1907, -1909, -4000, -4002, -4003, -4004,
            ]
        ),
        (
            .operation,
            [
                -107, -334, -602, -604, -801, -1000, -1031, -1072, -1329, -2402,
            ]
        ),
        (
            .fatal,
            [
                -113, -511, -583, -1090, -1092, -1917,
            ]
        ),
        (
            .io,
            [
                -510, -524, -525, -1022, -1032,
            ]
        ),
        (
            .resource,
            [
                -105, -106,
            ]
        ),
        (
            .memory,
            [
                1009, -103, -1011, -1013, -1014, -1020, -1073, -1101, -1410, -1701,
            ]
        ),
        (
            .quota,
            [
                1908, -614, -618, -1012, -1069, -1214, -1311,
            ]
        ),
        (
            .disk,
            [
                -529, -1808,
            ]
        ),
        (
            .corruption,
            [
                1418, 1417, -255, -322, -327, -338, -341, -343, -344, -351, -354, -357, -358, -501, -509, -515,
                -528, -533, -536, -566, -567, -570, -571, -573, -574, -582, -586, -590, -596, -612, -625, -626,
                -1018, -1019, -1021, -1118, -1119, -1121, -1123, -1206, -1220, -1412, -1413, -1414, -1526, -1529,
                -1620, -1622, -1852, -1915, -4001,
            ]
        ),
        (
            .inconsistent,
            [
                -513, -514, -530, -532, -535, -539, -542, -543, -550, -551, -553, -554, -555, -556, -557, -565,
                -569, -610, -611, -1209, -1213, -1216, -1225, -1812, -1814,
            ]
        ),
        (
            .fragmentation,
            [
                -519, -546, -548, -1074, -1075, -1076, -1077, -1078,
            ]
        ),
        (
            .usage,
            [
                1512, 1058, -1, -112, -416, -423, -424, -503, -504, -516, -517, -521, -526, -541, -544, -577, -603,
                -615, -616, -619, -620, -621, -900, -1001, -1002, -1003, -1008, -1010, -1015, -1016, -1023, -1024,
                -1025, -1028, -1029, -1030, -1040, -1045, -1046, -1048, -1053, -1054, -1057, -1059, -1062, -1063,
                -1064, -1065, -1066, -1071, -1080, -1081, -1083, -1084, -1085, -1086, -1087, -1093, -1095, -1103,
                -1104, -1108, -1110, -1111, -1113, -1114, -1115, -1124, -1201, -1202, -1203, -1204, -1205, -1207,
                -1208, -1215, -1217, -1219, -1221, -1222, -1224, -1230, -1231, -1302, -1307, -1308, -1310, -1312,
                -1313, -1317, -1318, -1319, -1322, -1323, -1324, -1325, -1326, -1328, -1402, -1403, -1405, -1406,
                -1409, -1411, -1416, -1430, -1431, -1432, -1433, -1434, -1435, -1436, -1437, -1438, -1439, -1440,
                -1502, -1503, -1504, -1506, -1507, -1508, -1509, -1510, -1511, -1515, -1516, -1517, -1521, -1524,
                -1530, -1538, -1540, -1602, -1604, -1607, -1608, -1609, -1621, -1623, -1624, -1625, -1805, -1809,
                -1850, -1906, -1910, -1911, -1912, -1913, -1914, -1916, -1918, -1919, -2004, -2102, -2103, -2401,
                -2404, -3000, -3001, -4005, -10000, -11999,
            ]
        ),
        (
            .state,
            [
                2100, 2001, 2000, 1813, 1541, 1539, 1537, 1536, 1535, 1534, 1533, 1532, 1531, 1520, 1415, 1327,
                1122, 1068, 1039, 1007, 1006, 1004, 595, 588, 587, 585, 578, 406, 345, 321, 0, -346, -348, -421,
                -505, -506, -512, -520, -523, -527, -545, -547, -560, -562, -563, -579, -584, -601, -622, -623,
                -1017, -1026, -1038, -1047, -1051, -1082, -1094, -1102, -1105, -1112, -1116, -1232, -1303, -1304,
                -1305, -1404, -1518, -1525, -1528, -1601, -1603, -1605, -1811, -1920, -2101, -2403, -3002,
            ]
        ),
        (.obsolete, [-537, -613]),
    ]
}
