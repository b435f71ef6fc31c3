// Layer: SNMPNames. Used by: OrielCommand, ValueText.
// Object identifiers as text, in the forms that Net-SNMP's tools print (-On, the default, -Os, -Of, -OX).

/// How an object identifier is written.
public enum NameStyle: Sendable, CaseIterable {
    /// `.1.3.6.1.2.1.2.2.1.2.1`
    case numeric
    /// `IF-MIB::ifDescr.1`
    case module
    /// `ifDescr.1`
    case suffix
    /// `.iso.org.dod.internet.mgmt.mib-2.interfaces.ifTable.ifEntry.ifDescr.1`
    case full
    /// `IF-MIB::ifDescr[1]`, with addresses in full; octets that text can't show stay numbers, so that nothing is lost.
    case brackets
}

extension NameTable {
    /// Writes an object identifier.
    ///
    /// Indexes are decoded by the table's definition, except in the numeric style. As in Net-SNMP, octets that are not
    /// printable ASCII appear as dots unless the style is `.brackets` or `.numeric`.
    public func format(_ oid: [UInt32], _ style: NameStyle = .module) -> String {
        var text = ""
        append(oid, style, to: &text)
        return text
    }

    /// Appends what `format` returns.
    public func append(_ oid: [UInt32], _ style: NameStyle, to text: inout String) {
        guard style != .numeric, let position = deepest(oid) else {
            for number in oid { Self.appendPart(number, to: &text) }
            return
        }
        let entry = entries[position]
        switch style {
        case .full: appendPath(position, to: &text)
        case .suffix: text += entry.label
        case .module, .brackets, .numeric:
            let module = modules[entry.module]
            if !module.isEmpty {
                text += module
                text += "::"
            }
            text += entry.label
        }
        appendIndex(oid, position, brackets: style == .brackets, to: &text)
    }

    private static func appendPart(_ number: UInt32, to text: inout String) {
        text += "."
        text += String(number)
    }

    private func appendPath(_ position: Int, to text: inout String) {
        let entry = entries[position]
        var known = 0
        if entry.parent >= 0 {
            appendPath(entry.parent, to: &text)
            known = entries[entry.parent].oid.count
        }
        // Numbers between two named nodes: the 0 of SNMPv1 traps.
        for number in numbers[entry.oid].dropFirst(known).dropLast() { Self.appendPart(number, to: &text) }
        text += "."
        text += entry.label
    }

    private func appendIndex(_ oid: [UInt32], _ position: Int, brackets: Bool, to text: inout String) {
        let entry = entries[position]
        var start = entry.oid.count
        guard start < oid.count else { return }
        var shape = indexShape(of: position)
        // An unknown column of a known row has the row's index all the same.
        if entry.kind == .row {
            Self.appendPart(oid[start], to: &text)
            start += 1
            shape = shapes[entry.shape]
        }
        var decoder = IndexDecoder(shape, of: oid, from: start)
        while let piece = decoder.next() {
            if !brackets {
                text += "."
                appendPiece(piece, of: oid, to: &text)
            } else if appendBracketed(piece, decoder.lastPart.syntax, of: oid, to: &text) == false {
                for number in oid[piece.whole] { Self.appendPart(number, to: &text) }
            }
        }
        for number in oid[decoder.position...] { Self.appendPart(number, to: &text) }
    }

    /// Appends a part in brackets; false, and nothing appended, when its octets would not read back from text.
    private func appendBracketed(
        _ piece: IndexPiece, _ syntax: Syntax, of oid: [UInt32], to text: inout String
    ) -> Bool {
        switch piece.meaning {
        case .integer, .labelled, .ipAddress, .internetAddress, .objectIdentifier:
            text += "["
            appendPiece(piece, of: oid, to: &text)
        case .countedOctets, .plainOctets:
            let octets = oid[piece.content].map { UInt8(truncatingIfNeeded: $0) }
            let isText = octets.allSatisfy { (0x20...0x7E).contains($0) && !#"]"'\"#.utf8.contains($0) }
            guard isText || syntax.hint == "1x:" else { return false }
            if let hint = syntax.hint {
                guard let hint = DisplayHint(hint), isText && hint.isText(upTo: octets.count) || syntax.hint == "1x:"
                else { return false }
                text += "[STRING: " + hint.text(of: octets)
            } else {
                text += "["
                appendPiece(piece, of: oid, to: &text)
            }
        }
        text += "]"
        return true
    }

    private func appendPiece(_ piece: IndexPiece, of oid: [UInt32], to text: inout String) {
        let content = oid[piece.content]
        switch piece.meaning {
        case .integer: text += String(oid[piece.content.lowerBound])
        case .labelled(let label): text += label
        case .ipAddress: Self.appendNumbers(content, to: &text)
        case .objectIdentifier: Self.appendNumbers(oid[piece.whole], to: &text)
        case .internetAddress(let type):
            text += "\""
            InternetAddress.append(content, type: type, to: &text)
            text += "\""
        case .countedOctets, .plainOctets:
            var quote = "'"
            if case .countedOctets = piece.meaning { quote = "\"" }
            text += quote
            for octet in content {
                text.unicodeScalars.append((0x20...0x7E).contains(octet) ? Unicode.Scalar(UInt8(octet)) : ".")
            }
            text += quote
        }
    }

    private static func appendNumbers(_ numbers: ArraySlice<UInt32>, to text: inout String) {
        var isFirst = true
        for number in numbers {
            if !isFirst { text += "." }
            text += String(number)
            isFirst = false
        }
    }
}
