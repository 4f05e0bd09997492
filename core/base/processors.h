/* processors.h - how many there are for this process. */
#ifndef LEDE_CORE_PROCESSORS_H
#define LEDE_CORE_PROCESSORS_H

/* 1 at least. */
unsigned processors(void);

#endif
