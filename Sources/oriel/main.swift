// Layer: the program. Uses: OrielCommand.

import OrielCommand

await Oriel.main()
