/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * later.so - to be preloaded: the clocks of the program are ahead by the seconds that the file
 * ANTARA_TEST_LATER holds (one int64_t, in the machine's order) when they are read, so that no test
 * waits for what takes minutes
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *ahead;

__attribute__((constructor)) static void open_it(void)
{
    const char *path = getenv("ANTARA_TEST_LATER");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *page = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*ahead), PROT_READ, MAP_SHARED, fd, 0);

    if (page == MAP_FAILED) {
        abort(); /* a clock that stands would make tests pass that look at nothing */
    }
    (void)close(fd);
    ahead = page;
}

int clock_gettime(clockid_t id, struct timespec *ret_now)
{
    int r = (int)syscall(SYS_clock_gettime, id, ret_now);

    if (r == 0 && ahead &&
        (id == CLOCK_REALTIME || id == CLOCK_MONOTONIC || id == CLOCK_BOOTTIME)) {
        ret_now->tv_sec += *ahead;
    }
    return r;
}
