#include "window.h"

#include "cursor.h"

void window_add_all(struct cursor *c, struct window *w) {
    for (uint32_t d = c->doc; d < w->end; d = cursor_next(c))
        window_add(w, d, cursor_score(c));
}
