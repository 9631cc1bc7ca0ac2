/* SPDX-License-Identifier: MIT
 *
 * One port's conversations: a hello, a command, its end.
 */
#ifndef EDB_EXECD_SERVE_H
#define EDB_EXECD_SERVE_H

/**
 * Serve a host until it hangs up; whatever runs for it ends then.
 *
 * @param port  both ways, not blocking
 * @return 0, or errno of a port that is no use any more
 */
int serve_host(int port);

/** Wait until a virtio-serial port has a host. 0, or errno. */
int serve_wait_for_host(int port);

#endif
