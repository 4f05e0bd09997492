/* xml.h - what is called of libxml2: reading HTML. */
#ifndef LEDE_MODULES_XML_H
#define LEDE_MODULES_XML_H

#include <libxml/HTMLparser.h>

#include "module.h"

#define XML_FUNCTIONS(DO)                                                                                              \
    DO(htmlCtxtReadMemory)                                                                                             \
    DO(htmlFreeParserCtxt)                                                                                             \
    DO(htmlNewParserCtxt)                                                                                              \
    DO(xmlDocGetRootElement)                                                                                           \
    DO(xmlFreeDoc)                                                                                                     \
    DO(xmlGetLineNo)

MODULE_DECLARE(xml, XML_FUNCTIONS)

#endif
