// SQLite, for the exports. What Swift can't see of its header is wrapped here.
#ifndef ORIEL_CSQLITE_SHIM_H
#define ORIEL_CSQLITE_SHIM_H

#include <sqlite3.h>

/* SQLITE_TRANSIENT, a cast: SQLite copies the bytes before the call returns. */
static inline sqlite3_destructor_type oriel_sqlite_transient(void) { return SQLITE_TRANSIENT; }

#endif
