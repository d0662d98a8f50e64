/* Quotas of control groups, read from made trees of /proc and /sys. */
#include "base/quota.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A file below the folder, which stands for /, with the folders that lead there. */
static void put(const char *path, const char *text) {
    char full[512];
    snprintf(full, sizeof full, ".%s", path);
    for (char *slash = full + 2; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(full, 0700);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static void put_v1(const char *folder, const char *quota, const char *period) {
    char path[256];
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.cfs_quota_us", folder);
    put(path, quota);
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.cfs_period_us", folder);
    put(path, period);
}

static double quota(void) {
    return mixfill_quota_cpus(".");
}

TestSuite(quota, .init = support_enter_folder, .fini = support_leave_folder);

Test(quota, none_where_nothing_can_be_read) {
    cr_expect_eq(quota(), INFINITY);
    put("/proc/self/cgroup", "");
    cr_expect_eq(quota(), INFINITY);
    put("/proc/self/cgroup", "0::/user.slice\n");
    cr_expect_eq(quota(), INFINITY);
}

Test(quota, of_version_2) {
    put("/proc/self/cgroup", "0::/job\n");
    put("/sys/fs/cgroup/job/cpu.max", "150000 100000\n");
    cr_expect_eq(quota(), 1.5);
    put("/sys/fs/cgroup/job/cpu.max", "max 100000\n");
    cr_expect_eq(quota(), INFINITY);
}

/* A parent's quota holds for all below it; a group in between may have none. */
Test(quota, of_version_2_is_the_least_of_the_parents) {
    put("/proc/self/cgroup", "0::/a/b/c\n");
    put("/sys/fs/cgroup/a/b/c/cpu.max", "400000 100000\n");
    put("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/a/cpu.max", "100000 50000\n");
    cr_expect_eq(quota(), 2);
    put("/sys/fs/cgroup/a/b/c/cpu.max", "25000 100000\n");
    cr_expect_eq(quota(), 0.25);
    put("/sys/fs/cgroup/other/cpu.max", "1000 100000\n");
    cr_expect_eq(quota(), 0.25);
}

/* Of a container: its own group is the mount, whatever the path says. */
Test(quota, of_the_mount_where_the_path_is_not_there) {
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "300000 100000\n");
    cr_expect_eq(quota(), 3);
    put("/proc/self/cgroup", "5:cpu:/docker/0123\n0::/docker/0123\n");
    cr_expect_eq(quota(), 3);
    put_v1("/cpu", "50000\n", "100000\n");
    cr_expect_eq(quota(), 0.5);
}

Test(quota, of_version_1) {
    put("/proc/self/cgroup", "9:name=systemd:/x\n3:cpuset:/x\n2:cpuacct,cpu:/job/step\n0::/\n");
    put_v1("/cpuacct,cpu/job/step", "-1\n", "100000\n");
    cr_expect_eq(quota(), INFINITY);
    put_v1("/cpuacct,cpu/job", "120000\n", "100000\n");
    cr_expect_eq(quota(), 1.2);
    put_v1("/cpuset/x", "10000\n", "100000\n"); /* no controller of processors' time */
    cr_expect_eq(quota(), 1.2);
}

/* Where the hierarchy of cpu,cpuacct is mounted as cpu. */
Test(quota, of_version_1_by_the_short_name) {
    put("/proc/self/cgroup", "4:cpu,cpuacct:/job\n");
    put_v1("/cpu/job", "50000\n", "100000\n");
    cr_expect_eq(quota(), 0.5);
}

Test(quota, garbage_is_no_quota) {
    static const char *const lines[] = {
        "",          "\n",         "50000",       "50000 ",      "0 100000\n",   "-5 100000\n",
        "50000 0\n", "x 100000\n", "5x 100000\n", "50000 1 2\n", "100000 max\n", " \n"};
    put("/proc/self/cgroup", "0::/job\n");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        put("/sys/fs/cgroup/job/cpu.max", lines[i]);
        cr_expect_eq(quota(), INFINITY, "line %zu", i);
    }
    static const char *const groups[] = {"0\n", "0:\n", "cpu\n", "1:cpu\n", ":::\n", "\n", "0::\n"};
    put("/sys/fs/cgroup/job/cpu.max", "50000 100000\n");
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        put("/proc/self/cgroup", groups[i]);
        cr_expect_eq(quota(), INFINITY, "group %zu", i);
    }
    put_v1("/cpu/job", "50000", "");
    put("/proc/self/cgroup", "1:cpu:/job\n");
    cr_expect_eq(quota(), INFINITY);
}

/* Paths longer than any that the kernel gives. */
Test(quota, a_long_path_is_passed_over) {
    enum { LENGTH = 6000 };
    char *line = malloc(LENGTH + 8);
    strcpy(line, "0::/");
    memset(line + 4, 'a', LENGTH);
    strcpy(line + 4 + LENGTH, "\n");
    put("/proc/self/cgroup", line);
    cr_expect_eq(quota(), INFINITY);
    free(line);
}
