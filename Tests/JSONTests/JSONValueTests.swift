// Layer: JSONTests. Uses: JSON. Used by: nothing.

import Foundation
import JSON
import Testing

@Suite struct JSONValueTests {
    @Test func escapesEverything() throws {
        var object = JSONObject()
        let text = "\"\\/\u{0}\u{1F}\n\r\t\u{7F}\u{9B}\u{2028}é😀"
        object.add(text, text)
        object.add("left out", Optional<String>.none)
        object.add("list", .array([.null, .bool(true), .integer(-1), .number(.nan), .unsigned(.max)]))
        let line = object.text
        #expect(!line.contains("\n"))
        let read = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(read[text] as? String == text)
        #expect((read["list"] as? [Any])?.count == 5)
        #expect(read.count == 2)
    }
}
