#include "findings.h"

void findings_release(struct findings *f) {
    id_set_release(&f->unusable);
    id_set_release(&f->barren);
    id_set_release(&f->fruitful);
}

lede_status findings_join(struct findings *to, struct findings *from, lede_error *err) {
    lede_status status = id_set_add_all(&to->unusable, &from->unusable, err);
    if (!status)
        status = id_set_add_all(&to->barren, &from->barren, err);
    if (!status)
        status = id_set_add_all(&to->fruitful, &from->fruitful, err);
    findings_release(from);
    return status;
}

bool findings_all_lines_left_out(const struct findings *f, uint64_t source) {
    return id_set_has(&f->barren, source) && !id_set_has(&f->fruitful, source);
}
