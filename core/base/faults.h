/* faults.h - what a check finds, told one by one and counted. */
#ifndef LEDE_CORE_FAULTS_H
#define LEDE_CORE_FAULTS_H

#include <lede.h>

struct faults {
    void (*report)(void *ctx, const char *fault); /* may be NULL */
    void *ctx;
    uint64_t count;
};

/* Counts a fault and tells it. */
void faults_add(struct faults *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Tells one that is counted elsewhere; `faults` is a struct faults. */
void faults_pass(void *faults, const char *fault);

/* What a check of the index comes to: LEDE_CORRUPT if there were any. */
LEDE_NODISCARD lede_status faults_judge(const struct faults *f, const char *index, lede_error *err);

#endif
