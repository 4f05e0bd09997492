#include "edit.h"

MODULE_DEFINE(edit, EDIT_FUNCTIONS)
