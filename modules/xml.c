#include "xml.h"

MODULE_DEFINE(xml, XML_FUNCTIONS)
