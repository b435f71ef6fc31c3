/* What the programs share: a check that prints where it failed, and results by number. */
#ifndef CHECK_H
#define CHECK_H
#include <esent.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the program unless a call gives what is expected. */
#define GIVES(expected, call)                                                                \
    do {                                                                                     \
        JET_ERR given_ = (call), expected_ = (expected);                                     \
        if (given_ != expected_) {                                                           \
            printf("%s:%d: %s gave %d, not %d\n", __FILE__, __LINE__, #call, given_, expected_); \
            exit(1);                                                                         \
        }                                                                                    \
    } while (0)

/* Ends the program unless a condition holds. */
#define HOLDS(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            printf("%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

#define OK(call) GIVES(JET_errSuccess, call)
#endif
