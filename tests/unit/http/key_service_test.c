/* SPDX-License-Identifier: MIT
 *
 * Key services that never come to an end: the time-out covers the whole exchange. What services
 * say, and how a tool puts it: tests/e2e/http.bats.
 */
#include "key_service.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int listening(char url[64])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	snprintf(url, 64, "http://127.0.0.1:%u", ntohs(at.sin_port));
	return fd;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Asks, with a second of patience. */
static void must_give_up(const char *url)
{
	const struct edb_key_service_at service = {
		.url = url, .access_code = "hush", .timeout_s = 1};
	struct edb_error error = {0};
	uint8_t *wrapped = NULL;
	size_t size = 0;
	double start = seconds(), took;

	assert_int_equal(edb_http_wrap_key(&service, "name", (const uint8_t *)"key", 3, &wrapped,
				 &size, &error),
		EDB_E_NETWORK);
	took = seconds() - start;
	assert_non_null(strstr(error.message, "it took too long"));
	assert_null(strstr(error.message, "hush"));
	assert_null(wrapped);
	assert_true(took > 0.9);
	assert_true(took < 15); /* an answer of the default 30 s, or none, is not this one */
}

/* The system takes the connection, nobody else does. */
static void test_silence(void **state)
{
	char url[64];
	int fd = listening(url);

	(void)state;
	must_give_up(url);
	close(fd);
}

/* One byte after the other, until the other side has enough. */
static void *drip(void *context)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n";
	int fd = accept(*(int *)context, NULL, NULL);
	bool heard = fd >= 0 && send(fd, head, sizeof head - 1, MSG_NOSIGNAL) > 0;

	while (heard) {
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
		heard = send(fd, " ", 1, MSG_NOSIGNAL) == 1;
	}
	close(fd);
	return NULL;
}

static void test_dripping(void **state)
{
	pthread_t thread;
	char url[64];
	int fd = listening(url);

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, drip, &fd), 0);
	must_give_up(url);
	pthread_join(thread, NULL);
	close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_dripping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
