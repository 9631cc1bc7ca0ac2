srcs-y += image_check.c
srcs-y += image_store.c
srcs-y += quote.c
subdirs-$(CFG_EDB_QUOTER) += quoter
