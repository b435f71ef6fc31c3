// Layer: OrielCommand/Commands. Uses: SNMPNames. Used by: Oriel.

import JSON
import SNMPCodec
import SNMPNames

extension Command {
    static let names = Command(
        "names", "translates between names and numbers; lists the built-in names",
        usage: ["[options] [NAME...]"],
        explanation: [
            "NAME is a name or a numeric object identifier. For each the other form is printed, with what is known"
                + " about the object: its type, labels, unit and index. A text in asterisks finds all names that"
                + " contain it. Without NAME all names are listed."
        ],
        options: [OptionGroup(title: "Output", options: [OptionGroup.json])],
        examples: [
            "oriel names ifOperStatus 1.3.6.1.2.1.1.3.0", "oriel names '*octets*'", "oriel names --json ifTable",
        ]
    ) { invocation throws(CommandError) in
        let names = NameTable.standard
        guard !invocation.operands.isEmpty else {
            for node in names.nodes { try invocation.list(node) }
            return .success
        }
        for text in invocation.operands {
            guard text.count >= 2, text.hasPrefix("*"), text.hasSuffix("*") else {
                try invocation.describe(try invocation.identifier(text))
                continue
            }
            let wanted = text.dropFirst().dropLast().lowercased()
            let found = names.nodes.filter { $0.qualifiedName.lowercased().contains(wanted) }
            guard !found.isEmpty else { throw CommandError(.incomplete, "no name contains \"\(wanted)\"") }
            for node in found { try invocation.list(node) }
        }
        return .success
    }
}

extension Invocation {
    /// A node on one line.
    fileprivate func list(_ node: NamedNode) throws(CommandError) {
        if settings.display.isJSON {
            try console.writeLine(json(node, ObjectIdentifier(arcs: node.oid) ?? []).text)
        } else {
            try console.writeLine("\(node.qualifiedName) \(node.oid.map(String.init).joined(separator: "."))")
        }
    }

    /// All that is known about an identifier.
    fileprivate func describe(_ identifier: ObjectIdentifier) throws(CommandError) {
        let names = NameTable.standard
        let name = names.describe(identifier)
        if settings.display.isJSON {
            if let node = name.node {
                try console.writeLine(json(node, identifier).text)
            } else {
                var object = JSONObject()
                object.add("oid", identifier.description)
                try console.writeLine(object.text)
            }
            return
        }
        try console.writeLine("\(names.format(identifier)) = \(identifier)")
        guard let node = name.node else { return }
        var facts: [String] = []
        switch node.kind {
        case .branch: facts.append("a branch, without a value")
        case .notification:
            facts.append("notification" + (node.objects.isEmpty ? "" : " with \(node.objects.joined(separator: ", "))"))
        case .scalar, .table, .row, .column: facts.append(node.kind.rawValue)
        }
        if let syntax = node.syntax {
            facts.append(syntax.name == syntax.base.rawValue ? syntax.name : "\(syntax.name) (\(syntax.base.rawValue))")
        }
        if let units = node.units { facts.append("in \(units)") }
        if !node.indexes.isEmpty { facts.append("index \(node.indexes.map(\.name).joined(separator: ", "))") }
        try console.writeLine("    " + facts.joined(separator: "; "))
        if let labels = node.syntax?.labels, !labels.isEmpty {
            try console.writeLine("    " + labels.map { "\($0.name)(\($0.number))" }.joined(separator: " "))
        }
        if let enterprise = name.enterprise { try console.writeLine("    of \(enterprise.organization)") }
    }

    private func json(_ node: NamedNode, _ identifier: ObjectIdentifier) -> JSONObject {
        var object = JSONObject()
        object.add("name", NameTable.standard.format(identifier))
        object.add("oid", identifier.description)
        object.add("node", node.qualifiedName)
        object.add("kind", node.kind.rawValue)
        object.add("syntax", node.syntax?.name)
        object.add("base", node.syntax?.base.rawValue)
        object.add("units", node.units)
        if let labels = node.syntax?.labels, !labels.isEmpty {
            var all = JSONObject()
            for label in labels { all.add(label.name, Int(label.number)) }
            object.add("labels", .object(all))
        }
        if !node.indexes.isEmpty { object.add("index", .array(node.indexes.map { .string($0.name) })) }
        if !node.objects.isEmpty { object.add("objects", .array(node.objects.map { .string($0) })) }
        object.add("organization", Enterprise(of: identifier.arcs)?.organization)
        return object
    }
}
