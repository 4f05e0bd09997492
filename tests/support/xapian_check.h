/* xapian_check.h - for programs that verify Xapian's databases. Xapian 1.4's own check frees an object by a base class
 * that has no virtual destructor: its fault, and harmless, but the address sanitizer would end the program. Include it
 * once. */
#ifndef LEDE_TESTS_SUPPORT_XAPIAN_CHECK_H
#define LEDE_TESTS_SUPPORT_XAPIAN_CHECK_H

__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "new_delete_type_mismatch=0";
}

#endif
