/* module.h - lede-xapian.so: the functions of binding.h, as they are reached where libxapian is not linked. */
#ifndef LEDE_ENGINES_XAPIAN_MODULE_H
#define LEDE_ENGINES_XAPIAN_MODULE_H

#include "../../modules/module.h"
#include "binding.h"

#define XAPIAN_FUNCTIONS(DO)                                                                                           \
    DO(xapian_version)                                                                                                 \
    DO(xapian_database_open)                                                                                           \
    DO(xapian_database_open_writable)                                                                                  \
    DO(xapian_database_connect)                                                                                        \
    DO(xapian_database_group)                                                                                          \
    DO(xapian_database_add)                                                                                            \
    DO(xapian_database_reopen)                                                                                         \
    DO(xapian_database_keep_alive)                                                                                     \
    DO(xapian_database_hang_up)                                                                                        \
    DO(xapian_database_close)                                                                                          \
    DO(xapian_database_totals)                                                                                         \
    DO(xapian_database_uuid)                                                                                           \
    DO(xapian_database_frequency)                                                                                      \
    DO(xapian_database_terms)                                                                                          \
    DO(xapian_database_postings)                                                                                       \
    DO(xapian_database_metadata)                                                                                       \
    DO(xapian_database_metadata_keys)                                                                                  \
    DO(xapian_database_check)                                                                                          \
    DO(xapian_document_new)                                                                                            \
    DO(xapian_document_free)                                                                                           \
    DO(xapian_document_fetch)                                                                                          \
    DO(xapian_document_data)                                                                                           \
    DO(xapian_document_set_data)                                                                                       \
    DO(xapian_document_value)                                                                                          \
    DO(xapian_document_set_value)                                                                                      \
    DO(xapian_document_add_posting)                                                                                    \
    DO(xapian_document_add_place)                                                                                      \
    DO(xapian_document_add_filter)                                                                                     \
    DO(xapian_document_terms)                                                                                          \
    DO(xapian_document_add)                                                                                            \
    DO(xapian_document_replace)                                                                                        \
    DO(xapian_document_delete)                                                                                         \
    DO(xapian_document_delete_by_term)                                                                                 \
    DO(xapian_database_set_metadata)                                                                                   \
    DO(xapian_database_commit)                                                                                         \
    DO(xapian_database_begin)                                                                                          \
    DO(xapian_database_cancel)                                                                                         \
    DO(xapian_query_nothing)                                                                                           \
    DO(xapian_query_all)                                                                                               \
    DO(xapian_query_constant)                                                                                          \
    DO(xapian_query_term)                                                                                              \
    DO(xapian_query_combine)                                                                                           \
    DO(xapian_query_scale)                                                                                             \
    DO(xapian_query_range)                                                                                             \
    DO(xapian_query_prefix)                                                                                            \
    DO(xapian_query_free)                                                                                              \
    DO(xapian_enquire_new)                                                                                             \
    DO(xapian_enquire_free)                                                                                            \
    DO(xapian_enquire_collapse)                                                                                        \
    DO(xapian_enquire_sort)                                                                                            \
    DO(xapian_enquire_tally)                                                                                           \
    DO(xapian_enquire_tallied)                                                                                         \
    DO(xapian_enquire_run)                                                                                             \
    DO(xapian_mset_free)                                                                                               \
    DO(xapian_mset_count)                                                                                              \
    DO(xapian_mset_hit)                                                                                                \
    DO(xapian_mset_matches)                                                                                            \
    DO(xapian_mset_frequency)                                                                                          \
    DO(xapian_mset_prefetch)                                                                                           \
    DO(xapian_mset_document)

MODULE_DECLARE(xapian, XAPIAN_FUNCTIONS)

#endif
