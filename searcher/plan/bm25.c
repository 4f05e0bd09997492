#include "bm25.h"

#include "core/base/error.h"
#include "core/base/reals.h"

#include <math.h>

static double parameter(double given, double otherwise) {
    if (given == 0)
        return otherwise;
    return given < 0 ? 0 : given;
}

lede_status bm25_parameters(double *k1_out, double *b_out, double k1, double b, lede_error *err) {
    *k1_out = k1 = parameter(k1, LEDE_DEFAULT_K1);
    *b_out = b = parameter(b, LEDE_DEFAULT_B);
    if (!isfinite(k1) || k1 > 1000)
        return error_set(err, LEDE_INVALID, "k1 is %g: give a number from 0 to 1000, such as %g", k1, LEDE_DEFAULT_K1);
    if (!(b <= 1))
        return error_set(err, LEDE_INVALID, "b is %g: give a number from 0 to 1, such as %g", b, LEDE_DEFAULT_B);
    return LEDE_OK;
}

lede_status bm25_init(struct bm25 *bm25, double k1, double b, uint64_t passages, uint64_t total_length,
                      lede_error *err) {
    lede_status status = bm25_parameters(&k1, &b, k1, b, err);
    if (status)
        return status;
    double average = total_length ? (double)total_length / (double)passages : 1;
    *bm25 = (struct bm25){passages, k1, k1 * (1 - b), k1 * b / average};
    return LEDE_OK;
}

double bm25_weight(const struct bm25 *bm25, uint64_t doc_freq, double count) {
    double df = (double)doc_freq;
    double idf = real_log(1 + ((double)bm25->passages - df + 0.5) / (df + 0.5));
    return count * (idf * (bm25->k1 + 1));
}
