#include "window.h"

#include "cursor.h"

void window_add_all(struct cursor *c, struct window *w) {
    for (uint32_t d = cursor_match(c); d < w->end; d = cursor_next_match(c))
        window_add(w, d, cursor_score(c));
}
