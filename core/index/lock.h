/* lock.h - the writer lock of an index: at most one holder at a time, in whatever process or thread.
 *
 * It is an open-file-description lock (F_OFD_SETLK) on the index's write.lock, so the kernel drops it when
 * its holder ends, however that comes about, and two writers of one process exclude each other too. The
 * holder's process number stands in the file, for the message that others get. */
#ifndef LEDE_CORE_LOCK_H
#define LEDE_CORE_LOCK_H

#include <lede.h>

struct lock {
    int fd; /* -1: not held */
};

#define LOCK_NONE ((struct lock){-1})

/* Takes the lock of the index in this folder, which has to exist. Does not wait: LEDE_LOCKED if another holds it. */
LEDE_NODISCARD lede_status lock_take(struct lock *lock, const char *index, lede_error *err);

/* Gives it back; nothing happens if it is not held. */
void lock_release(struct lock *lock);

#endif
