#include "curses.h"

MODULE_DEFINE(curses, CURSES_FUNCTIONS)
