/* Quotas of control groups. A group's folder is looked for where systems and containers mount the
 * hierarchies, /sys/fs/cgroup, from its path upward to the mount itself. What is not there is
 * passed over: in a container the path may be one of the host's, and then the container's own group
 * is the mount. */
#include "base/quota.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 4096, LINE = 4096 };

/* The first line of folder/name, without its end; false where there is none. */
static bool read_line(char line[LINE], const char *folder, const char *name) {
    char path[2 * PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool read = fgets(line, LINE, file) != NULL;
    fclose(file);
    if (read)
        line[strcspn(line, "\n")] = '\0';
    return read;
}

/* A whole positive number; 0 where text is anything else, as are "max" and -1: no quota. */
static double positive(const char *text) {
    char *end;
    long long value = strtoll(text, &end, 10);
    return end != text && *end == '\0' && value > 0 ? (double)value : 0;
}

static double ratio(const char *quota, const char *period) {
    double q = positive(quota), p = positive(period);
    return q > 0 && p > 0 ? q / p : (double)INFINITY;
}

/* Of a group of version 2: "QUOTA PERIOD", QUOTA being "max" or microseconds. */
static double quota_v2(const char *folder) {
    char line[LINE];
    if (!read_line(line, folder, "cpu.max"))
        return (double)INFINITY;
    char *blank = strchr(line, ' ');
    if (blank == NULL)
        return (double)INFINITY;
    *blank = '\0';
    return ratio(line, blank + 1);
}

static double quota_v1(const char *folder) {
    char quota[LINE], period[LINE];
    return read_line(quota, folder, "cpu.cfs_quota_us") &&
                   read_line(period, folder, "cpu.cfs_period_us")
               ? ratio(quota, period)
               : (double)INFINITY;
}

/* The least of a group and its parents; folder is that of the mount, group its path in there, which
 * is taken apart. */
static double least_quota(const char *root, const char *mount, const char *group,
                          double (*quota)(const char *folder)) {
    char folder[PATH];
    int length = snprintf(folder, sizeof folder, "%s/sys/fs/cgroup%s", root, mount);
    if (length < 0 || (size_t)length + strlen(group) >= sizeof folder)
        return (double)INFINITY;
    strcpy(folder + length, group);
    double least = quota(folder);
    for (char *slash; (slash = strrchr(folder + length, '/')) != NULL;) {
        *slash = '\0';
        least = fmin(least, quota(folder));
    }
    return least;
}

/* Whether `cpu` is one of the names in a list with commas. */
static bool has_cpu(const char *names) {
    for (; names != NULL; names = strchr(names, ',')) {
        names += *names == ',';
        if (strncmp(names, "cpu", 3) == 0 && (names[3] == '\0' || names[3] == ','))
            return true;
    }
    return false;
}

/* Of a line of /proc/self/cgroup, "NUMBER:CONTROLLERS:GROUP", where version 2 names none. */
static double quota_of(const char *root, char *line) {
    char mount[PATH];
    char *controllers = strchr(line, ':'), *group = controllers;
    if (controllers != NULL)
        group = strchr(++controllers, ':');
    if (group == NULL)
        return (double)INFINITY;
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    if (*controllers == '\0')
        return least_quota(root, "", group, quota_v2);
    if (!has_cpu(controllers))
        return (double)INFINITY;
    snprintf(mount, sizeof mount, "/%s",
             controllers); /* often cpu,cpuacct, with cpu a link to it */
    return fmin(least_quota(root, mount, group, quota_v1),
                least_quota(root, "/cpu", group, quota_v1));
}

double mixfill_quota_cpus(const char *root) {
    char line[LINE];
    double least = (double)INFINITY;
    snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
    FILE *groups = fopen(line, "re");
    if (groups == NULL)
        return least;
    while (fgets(line, sizeof line, groups) != NULL)
        least = fmin(least, quota_of(root, line));
    fclose(groups);
    return least;
}
