/* module.c - the module itself. With libxapian, which it links, it is under the GPL, version 2 or later. */
#include "module.h"

MODULE_DEFINE(xapian, XAPIAN_FUNCTIONS)
