/* Atomic outputs. The temporaries being written stand in a small fixed table, the library's one
 * piece of mutable global state, so that a signal handler can remove them.
 *
 * Why so: a model takes hours, and a full disk or a killed process must leave the old file or the
 * new one, whole. Bytes go to a temporary beside the target, which has the same file system; they
 * are synced before the rename, for a file system may otherwise rename first and write later; and
 * the folder is synced after it.
 *
 * What cannot be replaced is written to: devices, pipes, and a regular file that is our own
 * standard output, which a rename would leave with the shell. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "file/outfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A temporary is called ".NAME.mixfill-PID-RANDOM.tmp", NAME cut so that it stays a legal name. */
enum {
    NAME_KEPT = 200, /* of the 255 bytes a name may have, the rest is for what we add */
    MAX_LIVE = 64,   /* outputs open at a time */
    MAX_TRIES = 100  /* names before giving up */
};

struct mixfill_outfile {
    char path[PATH_MAX];   /* as given, for messages */
    char target[PATH_MAX]; /* links followed */
    char temp[PATH_MAX];   /* "" where the target is written to directly */
    int entry;             /* in `live` while temp is set */
    int direct;            /* descriptor of a target whose bytes wait in `stream`, else -1 */
    FILE *stream;
};

/* ---- temporaries alive in this process ---- */

/* Free, being filled, of a temporary that is there, and of one that a signal handler has
 * removed. Only one thread or handler wins a change of state, and only the winner touches the
 * path. */
enum { ENTRY_FREE, ENTRY_CLAIMED, ENTRY_LIVE, ENTRY_REMOVED };

static struct {
    atomic_int state;
    char path[PATH_MAX];
} live[MAX_LIVE];

/* The entry taken, -1 where all are. */
static int live_add(const char *temp) {
    for (int i = 0; i < MAX_LIVE; i++) {
        int expected = ENTRY_FREE;
        if (atomic_compare_exchange_strong(&live[i].state, &expected, ENTRY_CLAIMED)) {
            strcpy(live[i].path, temp);
            atomic_store(&live[i].state, ENTRY_LIVE);
            return i;
        }
    }
    return -1;
}

/* An entry a signal handler has taken stays taken: the process is about to end. */
static void live_remove(int entry) {
    int expected = ENTRY_LIVE;
    atomic_compare_exchange_strong(&live[entry].state, &expected, ENTRY_FREE);
}

/* Nothing but what a signal handler may call: atomics without locks, and unlink. */
void mixfill_abandon_outputs(void) {
    int saved = errno;
    for (int i = 0; i < MAX_LIVE; i++) {
        int expected = ENTRY_LIVE;
        if (atomic_compare_exchange_strong(&live[i].state, &expected, ENTRY_REMOVED))
            unlink(live[i].path);
    }
    errno = saved;
}

/* ---- names ---- */

/* Length of the folder part of a path, its slash included. */
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* Folder and prefix shared by every temporary of a target; false where it gets too long. The dot
 * hides a temporary from most listings, and NAME says whose it is to whoever finds one. */
static bool temp_prefix(char out[PATH_MAX], const char *target) {
    size_t folder = folder_length(target);
    int n = snprintf(out, PATH_MAX, "%.*s.%.*s.mixfill-", (int)folder, target, NAME_KEPT,
                     target + folder);
    return n > 0 && n < PATH_MAX;
}

/* Whether `rest`, what follows the prefix, is PID-RANDOM.tmp of a process that is gone. */
static bool is_stale(const char *rest) {
    char *end;
    errno = 0;
    long pid = rest[0] >= '1' && rest[0] <= '9' ? strtol(rest, &end, 10) : 0;
    if (pid <= 0 || pid > INT_MAX || errno != 0 || end[0] != '-')
        return false;
    size_t digits = strspn(end + 1, "0123456789abcdef");
    if (digits != 8 || strcmp(end + 1 + digits, ".tmp") != 0)
        return false;
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* Best effort: what cannot be listed or removed stays. */
static void remove_stale(const char *target) {
    char temp[PATH_MAX], folder[PATH_MAX];
    if (!temp_prefix(temp, target))
        return;
    size_t folder_len = folder_length(temp), prefix_len = strlen(temp);
    snprintf(folder, sizeof folder, "%.*s", (int)folder_len, target);
    DIR *dir = opendir(folder_len > 0 ? folder : ".");
    if (dir == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t name_len = strlen(entry->d_name), shared = prefix_len - folder_len;
        if (strncmp(entry->d_name, temp + folder_len, shared) != 0 ||
            folder_len + name_len >= sizeof temp || !is_stale(entry->d_name + shared))
            continue;
        memcpy(temp + folder_len, entry->d_name, name_len + 1);
        unlink(temp);
    }
    closedir(dir);
}

/* ---- opening ---- */

static mixfill_status fail_create(const mixfill_outfile *file, mixfill_error *err, int errnum) {
    return mixfill_fail_errno(err, file->path, "create", errnum);
}

/* Creates one temporary; the entry is taken first, so that no signal finds a file nobody knows.
 * Returns its descriptor, or -1 with errno set. */
static int create_temp(mixfill_outfile *file, const char *prefix, unsigned nonce, mode_t mode) {
    int n =
        snprintf(file->temp, sizeof file->temp, "%s%ld-%08x.tmp", prefix, (long)getpid(), nonce);
    int fd = -1;
    file->entry = n < PATH_MAX ? live_add(file->temp) : -1;
    if (file->entry >= 0) {
        fd = open(file->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode != 0 ? mode : 0666);
        if (fd >= 0)
            return fd;
        live_remove(file->entry);
    } else {
        errno = n < PATH_MAX ? EMFILE : ENAMETOOLONG;
    }
    file->temp[0] = '\0';
    return -1;
}

/* A temporary under a name that is free, O_EXCL seeing to it. mode: of the file to be replaced,
 * whose permissions the new one keeps, or 0. */
static mixfill_status open_temp(mixfill_outfile *file, mode_t mode, mixfill_error *err) {
    char prefix[PATH_MAX];
    if (!temp_prefix(prefix, file->target))
        return fail_create(file, err, ENAMETOOLONG);
    int fd = -1;
    for (unsigned tries = 0; fd < 0 && tries < MAX_TRIES; tries++) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        unsigned nonce = (unsigned)now.tv_nsec * 2654435761U + tries;
        fd = create_temp(file, prefix, nonce, mode);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0)
        return fail_create(file, err, errno);
    if (mode != 0)
        (void)fchmod(fd, mode); /* the umask may have taken bits away */
    file->stream = fdopen(fd, "w+b");
    if (file->stream != NULL)
        return MIXFILL_OK;
    int errnum = errno;
    close(fd);
    return fail_create(file, err, errnum);
}

/* fd: the target itself, owned from here on. */
static mixfill_status open_direct(mixfill_outfile *file, int fd, bool seekable,
                                  mixfill_error *err) {
    if (fd < 0)
        return fail_create(file, err, errno);
    file->stream = seekable ? tmpfile() : fdopen(fd, "wb");
    int errnum = errno;
    if (seekable)
        file->direct = fd;
    else if (file->stream == NULL)
        close(fd);
    if (file->stream == NULL)
        return mixfill_fail_errno(err, file->path, "create a temporary file", errnum);
    return MIXFILL_OK;
}

/* Whether a regular file is our own standard output, as /dev/stdout is after "> file". */
static bool is_stdout(const struct stat *st) {
    struct stat out;
    return fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == st->st_dev && out.st_ino == st->st_ino;
}

/* Choose between a temporary that will replace the target, links followed so that a link stays
 * one, and the target itself. A dangling link is refused: there is nothing behind it to replace. */
static mixfill_status open_target(mixfill_outfile *file, bool seekable, mixfill_error *err) {
    struct stat st;
    if (strcmp(file->path, "-") == 0)
        return open_direct(file, dup(STDOUT_FILENO), seekable, err);
    bool exists = stat(file->path, &st) == 0;
    if (!exists && errno != ENOENT)
        return fail_create(file, err, errno);
    if (exists && is_stdout(&st))
        return open_direct(file, dup(STDOUT_FILENO), seekable, err);
    if (exists && !S_ISREG(st.st_mode))
        return open_direct(file, open(file->path, O_WRONLY | O_CLOEXEC), seekable, err);
    if (!exists && lstat(file->path, &st) == 0)
        return mixfill_fail(err, MIXFILL_ERR_IO, 0, "%s: cannot create: a link to nowhere",
                            file->path);
    if (!exists)
        strcpy(file->target, file->path);
    else if (realpath(file->path, file->target) == NULL)
        return fail_create(file, err, errno);
    remove_stale(file->target);
    return open_temp(file, exists ? st.st_mode & 0777 : 0, err);
}

mixfill_status mixfill_outfile_open(mixfill_outfile **out, const char *path, bool seekable,
                                    mixfill_error *err) {
    if (path[0] == '\0' || strlen(path) >= PATH_MAX)
        return mixfill_fail_errno(err, path, "create", path[0] == '\0' ? ENOENT : ENAMETOOLONG);
    mixfill_outfile *file = mixfill_alloc_zero(1, sizeof *file);
    if (file == NULL)
        return mixfill_fail_nomem(err, "an output file");
    strcpy(file->path, path);
    file->direct = -1;
    mixfill_status st = open_target(file, seekable, err);
    if (st == MIXFILL_OK)
        *out = file;
    else
        mixfill_outfile_abandon(file);
    return st;
}

FILE *mixfill_outfile_stream(mixfill_outfile *file) {
    return file->stream;
}

/* ---- closing ---- */

void mixfill_outfile_abandon(mixfill_outfile *file) {
    if (file == NULL)
        return;
    if (file->stream != NULL)
        fclose(file->stream);
    if (file->direct >= 0)
        close(file->direct);
    if (file->temp[0] != '\0') {
        unlink(file->temp);
        live_remove(file->entry);
    }
    mixfill_free(file);
}

/* By opening and giving up: folders that are not there, permissions and read-only file systems
 * all show, before hours are spent on what is to be written. Devices and pipes are not tried:
 * opening one can have effects. */
mixfill_status mixfill_output_check(const char *path, mixfill_error *err) {
    struct stat target;
    bool direct = strcmp(path, "-") == 0 || (stat(path, &target) == 0 && !S_ISREG(target.st_mode) &&
                                             !S_ISDIR(target.st_mode));
    if (direct)
        return MIXFILL_OK;
    mixfill_outfile *file;
    mixfill_status st = mixfill_outfile_open(&file, path, false, err);
    if (st == MIXFILL_OK)
        mixfill_outfile_abandon(file);
    return st;
}

/* The functions below return 0 or an errno. */

/* stdio may fail without setting errno. */
static int last_error(void) {
    return errno != 0 ? errno : EIO;
}

/* write may be interrupted, and may take less than it is given. */
static int write_all(int fd, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR)
            return errno;
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* What a seekable caller wrote, to a target that cannot be sought in. */
static int copy_to_direct(mixfill_outfile *file) {
    char buffer[1 << 16];
    size_t n;
    rewind(file->stream);
    while ((n = fread(buffer, 1, sizeof buffer, file->stream)) > 0) {
        int errnum = write_all(file->direct, buffer, n);
        if (errnum != 0)
            return errnum;
    }
    return ferror(file->stream) ? last_error() : 0;
}

/* A descriptor is gone once it was closed, whatever close says. */
static int close_fd(int *fd) {
    int old = *fd;
    *fd = -1;
    return old >= 0 && close(old) != 0 ? errno : 0;
}

/* Everything up to the rename. An error of an earlier write is in the stream, and stays the outcome
 * though later ones succeed; closing may fail too, where a file system writes late. */
static int finish_bytes(mixfill_outfile *file) {
    errno = 0;
    bool failed_before = ferror(file->stream) != 0;
    if (fflush(file->stream) != 0 || failed_before)
        return last_error();
    int errnum = file->direct >= 0 ? copy_to_direct(file) : 0;
    if (errnum == 0 && file->temp[0] != '\0' && fsync(fileno(file->stream)) != 0)
        errnum = errno;
    FILE *stream = file->stream;
    file->stream = NULL;
    if (fclose(stream) != 0 && errnum == 0)
        errnum = last_error();
    int close_errnum = close_fd(&file->direct);
    return errnum != 0 ? errnum : close_errnum;
}

/* A rename is durable once its folder is; folders that cannot be opened or synced are let be. */
static int sync_folder(const char *target) {
    char folder[PATH_MAX];
    size_t len = folder_length(target);
    snprintf(folder, sizeof folder, "%.*s", (int)len, target);
    int fd = open(len > 0 ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int errnum = fd >= 0 && fsync(fd) != 0 && errno != EINVAL ? errno : 0;
    if (fd >= 0)
        close(fd);
    return errnum;
}

/* Once renamed, there is no temporary to remove, whatever else fails: the new file is there and
 * whole, and a folder that cannot be synced is told. */
static int replace_target(mixfill_outfile *file) {
    if (file->temp[0] == '\0')
        return 0;
    if (rename(file->temp, file->target) != 0)
        return errno;
    file->temp[0] = '\0';
    live_remove(file->entry);
    return sync_folder(file->target);
}

mixfill_status mixfill_outfile_commit_all(mixfill_outfile *const *files, int n,
                                          mixfill_error *err) {
    int (*const steps[])(mixfill_outfile *) = {finish_bytes, replace_target};
    mixfill_status st = MIXFILL_OK;
    for (int i = 0; i < 2 * n && st == MIXFILL_OK; i++) {
        mixfill_outfile *file = files[i % n];
        int errnum = file != NULL ? steps[i / n](file) : 0;
        if (errnum != 0)
            st = mixfill_fail_errno(err, file->path, "write", errnum);
    }
    for (int i = 0; i < n; i++)
        mixfill_outfile_abandon(files[i]);
    return st;
}

mixfill_status mixfill_outfile_commit(mixfill_outfile *file, mixfill_error *err) {
    return mixfill_outfile_commit_all(&file, 1, err);
}

mixfill_status mixfill_output_write(const char *path, const void *bytes, size_t len,
                                    mixfill_error *err) {
    mixfill_outfile *file = NULL;
    mixfill_status st = mixfill_outfile_open(&file, path, false, err);
    if (st != MIXFILL_OK)
        return st;
    errno = 0;
    if (fwrite(bytes, 1, len, mixfill_outfile_stream(file)) == len)
        return mixfill_outfile_commit(file, err);
    st = mixfill_fail_errno(err, path, "write", errno);
    mixfill_outfile_abandon(file);
    return st;
}
