/* Layer: test programs of the C library. The older name of the same header. */
#include "winsock2.h"
