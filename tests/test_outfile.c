/* Atomic outputs: what stands in the folder after every way an output can end. */
#include "file/outfile.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static void enter_folder(void) {
    strcpy(folder, "/tmp/mixfill-outfile-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void) {
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    cr_assert_eq(chdir("/"), 0);
    cr_expect_eq(rmdir(folder), 0);
    cr_expect_eq(mixfill_alloc_live, 0);
}

TestSuite(outfile, .init = enter_folder, .fini = leave_folder);

static int count_files(void) {
    int n = 0;
    DIR *dir = opendir(".");
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return n;
}

static void put_file(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
}

static void expect_content(const char *path, const char *expected) {
    char text[256] = "";
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f, "%s is not there", path);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    cr_expect_str_eq(text, expected);
}

static mixfill_outfile *open_output(const char *path, bool seekable) {
    mixfill_outfile *file = NULL;
    mixfill_error err = {0};
    cr_assert_eq(mixfill_outfile_open(&file, path, seekable, &err), MIXFILL_OK, "%s", err.message);
    return file;
}

static void write_output(const char *path, const char *text, bool seekable) {
    mixfill_error err = {0};
    mixfill_outfile *file = open_output(path, seekable);
    fputs(text, mixfill_outfile_stream(file));
    cr_assert_eq(mixfill_outfile_commit(file, &err), MIXFILL_OK, "%s", err.message);
}

static void expect_open_fails(const char *path, const char *message) {
    mixfill_outfile *file = NULL;
    mixfill_error err = {0};
    cr_assert_eq(mixfill_outfile_open(&file, path, false, &err), MIXFILL_ERR_IO);
    cr_expect_str_eq(err.message, message);
    cr_expect_null(file);
}

Test(outfile, creates_and_replaces) {
    write_output("out", "one", false);
    expect_content("out", "one");
    write_output("out", "two", true);
    expect_content("out", "two");
    cr_expect_eq(count_files(), 1);
}

Test(outfile, target_is_untouched_until_commit) {
    put_file("out", "old");
    mixfill_outfile *file = open_output("out", false);
    fputs("new", mixfill_outfile_stream(file));
    fflush(mixfill_outfile_stream(file));
    expect_content("out", "old");
    cr_expect_eq(count_files(), 2);
    mixfill_outfile_abandon(file);
    expect_content("out", "old");
    cr_expect_eq(count_files(), 1);
    mixfill_outfile_abandon(NULL);
}

Test(outfile, mode_follows_umask_or_old_file) {
    struct stat st;
    mode_t old = umask(027);
    write_output("out", "", false);
    cr_assert_eq(stat("out", &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0640);
    chmod("out", 0606);
    write_output("out", "", false);
    cr_assert_eq(stat("out", &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0606);
    umask(old);
}

Test(outfile, link_stays_a_link) {
    struct stat st;
    put_file("real", "old");
    cr_assert_eq(symlink("real", "link"), 0);
    write_output("link", "new", false);
    cr_assert_eq(lstat("link", &st), 0);
    cr_expect(S_ISLNK(st.st_mode));
    expect_content("real", "new");
    cr_assert_eq(symlink("nowhere", "broken"), 0);
    expect_open_fails("broken", "broken: cannot create: a link to nowhere");
    cr_expect_eq(count_files(), 3);
}

Test(outfile, says_why_it_cannot_create) {
    expect_open_fails("no/such/out", "no/such/out: cannot create: No such file or directory");
    expect_open_fails("", ": cannot create: No such file or directory");
    expect_open_fails(".", ".: cannot create: Is a directory");
    put_file("file", "");
    expect_open_fails("file/out", "file/out: cannot create: Not a directory");
    cr_expect_eq(count_files(), 1);
}

Test(outfile, long_names) {
    char name[300];
    memset(name, 'n', sizeof name);
    name[255] = '\0';
    write_output(name, "x", false);
    expect_content(name, "x");
    name[255] = 'n';
    name[256] = '\0';
    mixfill_outfile *file = NULL;
    cr_expect_eq(mixfill_outfile_open(&file, name, false, NULL), MIXFILL_ERR_IO);
    cr_expect_eq(count_files(), 1);
}

/* The number of a process that is gone. */
static long dead_pid(void) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    return (long)pid;
}

Test(outfile, removes_only_stale_temporaries_of_the_target) {
    char stale[80], live[80], malformed[80];
    snprintf(stale, sizeof stale, ".out.mixfill-%ld-00c0ffee.tmp", dead_pid());
    snprintf(live, sizeof live, ".out.mixfill-%ld-00c0ffee.tmp", (long)getpid());
    snprintf(malformed, sizeof malformed, ".out.mixfill-%ld-00c0ffee.tmp2", dead_pid());
    put_file(stale, "");
    put_file(live, "");
    put_file(malformed, "");
    put_file(".other.mixfill-1-00c0ffee.tmp", "");
    put_file(".out.mixfill-99999999999999999999-00c0ffee.tmp", "");
    write_output("out", "x", false);
    cr_expect_neq(access(stale, F_OK), 0);
    cr_expect_eq(access(live, F_OK), 0);
    cr_expect_eq(count_files(), 5);
}

Test(outfile, abandon_outputs_removes_every_live_temporary) {
    mixfill_outfile *a = open_output("a", false), *b = open_output("b", true);
    cr_expect_eq(count_files(), 2);
    mixfill_abandon_outputs();
    cr_expect_eq(count_files(), 0);
    cr_expect_eq(mixfill_outfile_commit(a, NULL), MIXFILL_ERR_IO);
    mixfill_outfile_abandon(b);
    cr_expect_eq(count_files(), 0);
}

Test(outfile, slots_are_used_again) {
    for (int i = 0; i < 300; i++)
        write_output("out", "x", false);
    mixfill_outfile *many[65] = {NULL};
    char name[16];
    int opened = 0;
    for (int i = 0; i < 65; i++) {
        snprintf(name, sizeof name, "f%d", i);
        opened += mixfill_outfile_open(&many[i], name, false, NULL) == MIXFILL_OK;
    }
    cr_expect_eq(opened, 64);
    for (int i = 0; i < 65; i++)
        mixfill_outfile_abandon(many[i]);
    cr_expect_eq(count_files(), 1);
}

Test(outfile, full_device_is_an_error) {
    for (int seekable = 0; seekable < 2; seekable++) {
        mixfill_error err = {0};
        mixfill_outfile *file = open_output("/dev/full", seekable != 0);
        fputs("text", mixfill_outfile_stream(file));
        cr_expect_eq(mixfill_outfile_commit(file, &err), MIXFILL_ERR_IO);
        cr_expect_str_eq(err.message, "/dev/full: cannot write: No space left on device");
    }
}

Test(outfile, full_disk_leaves_the_target_alone) {
    put_file("out", "old");
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = {8192, limit.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    mixfill_error err = {0};
    mixfill_outfile *file = open_output("out", false);
    for (int i = 0; i < 5000; i++)
        fputs("0123456789", mixfill_outfile_stream(file));
    cr_expect_eq(mixfill_outfile_commit(file, &err), MIXFILL_ERR_IO);
    setrlimit(RLIMIT_FSIZE, &limit);
    cr_expect_eq(strncmp(err.message, "out: cannot write: ", 19), 0, "%s", err.message);
    expect_content("out", "old");
    cr_expect_eq(count_files(), 1);
}

Test(outfile, pipe_is_written_to_directly) {
    struct stat st;
    char text[16] = "";
    cr_assert_eq(mkfifo("pipe", 0600), 0);
    int fd = open("pipe", O_RDWR);
    write_output("pipe", "abc", false);
    cr_expect_eq(read(fd, text, sizeof text), 3);
    mixfill_outfile *file = open_output("pipe", true);
    fputs("abcd", mixfill_outfile_stream(file));
    cr_expect_eq(fseek(mixfill_outfile_stream(file), 1, SEEK_SET), 0);
    fputs("X", mixfill_outfile_stream(file));
    cr_expect_eq(mixfill_outfile_commit(file, NULL), MIXFILL_OK);
    cr_expect_eq(read(fd, text, sizeof text), 4);
    cr_expect_str_eq(text, "aXcd");
    close(fd);
    cr_assert_eq(stat("pipe", &st), 0);
    cr_expect(S_ISFIFO(st.st_mode));
}

/* Runs a write with standard output going to a file that already holds a line. */
static void write_with_stdout_to_file(const char *path, bool seekable) {
    put_file("log", "first\n");
    pid_t pid = fork();
    if (pid == 0) {
        mixfill_outfile *file = NULL;
        int fd = open("log", O_WRONLY | O_APPEND);
        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 ||
            mixfill_outfile_open(&file, path, seekable, NULL) != MIXFILL_OK)
            _exit(1);
        fputs("second\n", mixfill_outfile_stream(file));
        _exit(mixfill_outfile_commit(file, NULL) != MIXFILL_OK);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    cr_expect_eq(status, 0);
    expect_content("log", "first\nsecond\n");
    cr_expect_eq(count_files(), 1);
}

Test(outfile, standard_output_is_never_replaced) {
    write_with_stdout_to_file("-", false);
    write_with_stdout_to_file("-", true);
    write_with_stdout_to_file("/dev/stdout", false);
    write_with_stdout_to_file("/dev/stdout", true);
}
