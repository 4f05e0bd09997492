#include "reals.h"

#include <math.h>

/* The logarithm of 2, in two parts: the first times an exponent is exact. */
#define LOG2_HIGH 0x1.62e42fefap-1
#define LOG2_LOW  0x1.cf79abc9e3b3ap-40

/* x is m times 2^e, with m near 1; the logarithm of m is 2 atanh((m - 1) / (m + 1)). */
double real_log(double x) {
    int e;
    double m = frexp(x, &e);
    if (m < 0x1.6a09e667f3bcdp-1) {
        m *= 2;
        e--;
    }
    double s = (m - 1) / (m + 1), square = s * s, sum = 0;
    for (int k = 23; k > 1; k -= 2)
        sum = (sum + 1.0 / k) * square;
    return e * LOG2_HIGH + (2 * s + (2 * s * sum + e * LOG2_LOW));
}

double real_exp2(double x) {
    x = x < -1100 ? -1100 : x > 1100 ? 1100 : x;
    double whole = floor(x + 0.5), t = (x - whole) * (LOG2_HIGH + LOG2_LOW), sum = 1;
    for (int k = 15; k > 0; k--)
        sum = 1 + sum * t / k;
    return ldexp(sum, (int)whole);
}
