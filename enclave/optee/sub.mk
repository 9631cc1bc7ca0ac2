srcs-y += image_check.c
srcs-y += image_store.c
