// Layer: OrielCommand/Commands/Database. Uses: DatabaseCommand. Used by: Command.db.

import ESEFormat
import ESEReader

extension Command {
    static let databaseInfo = Command(
        "db info", "shows the header: state, logs needed, format, every field",
        usage: ["[options] FILE"],
        explanation: [
            "Says in which state the database is, which logs it needs, its format and which Windows writes that, its page"
                + " size and size, and then every field of its header.",
            databaseStatusNote,
        ],
        options: [OptionGroup(title: "Options", options: [OptionGroup.json])],
        examples: ["oriel db info SRUDB.dat", "oriel db info --json ntds.dit | jq .state"]
    ) { invocation throws(CommandError) in try invocation.showHeader() }
}

extension Invocation {
    fileprivate func showHeader() throws(CommandError) -> ExitStatus {
        try expect(atMost: 1)
        let database = try openDatabase(allowsMissingCatalog: true)
        if settings.display.isJSON {
            var object = JSONObject()
            object.add("file", database.name)
            object.add("pageSize", database.pageSize.byteCount)
            object.add("lastPage", Int(database.lastPage.rawValue))
            object.add("tables", database.tables.count)
            object.add("warnings", database.warnings.map(\.description))
            try console.writeLine(object.text)
        }
        return finish(database)
    }
}
