#include "icu.h"

MODULE_DEFINE(icu, ICU_FUNCTIONS)
