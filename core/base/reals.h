/* reals.h - functions of real numbers that are the same on every machine.
 *
 * What libm gives for them depends on the processor: its last digit is another where a product is added without being
 * rounded. These use nothing but what IEEE 754 lays down, so that scores are the same to the last bit everywhere. */
#ifndef LEDE_CORE_REALS_H
#define LEDE_CORE_REALS_H

/* The natural logarithm of a positive number, off by two units in the last place at most. */
double real_log(double x);

/* 2 to the power of x, as near. */
double real_exp2(double x);

#endif
