incdirs-y += ..
srcs-y += pta.c
