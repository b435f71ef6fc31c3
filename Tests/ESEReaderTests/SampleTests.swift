import ESEFormat
import ESEReader
import Foundation
import Testing
@Suite struct SampleTests { @Test func counts() throws {
  for f in ["misc/SRUDB-win10-7284rows.dat","misc/Catalog1.edb","misc/Duplex-Handover.xbim","dissect/large.edb","dissect/text.edb","srum-belkasoft/dirty/SRUDB.dat","srum-server2022-full-chain/expected-t1/SRUDB.dat","misc/decompress_test.edb"] {
    let db = try ESEDatabase(readingFrom: "/work/shared/samples/" + f)
    var n = 0, v = 0, user = 0
    for t in db.tables { let r = t.rows(); while r.next() { n += 1; if !t.name.hasPrefix("MSys") { user += 1 }; for c in r.columns.indices { for o in 0..<(try r.valueCount(c)) { if (try? r.value(c, occurrence: o)) != nil { v += 1 } } } } }
    print(f, db.tables.count, n, user, v, db.damage.pageCount, db.damage.nodeCount, db.damage.valueCount, db.damage.kept.prefix(3).map { "\($0)" })
  } } }
