/* The share of the processors that control groups leave this process, as containers and batch
 * systems set it. */
#ifndef MIXFILL_QUOTA_H
#define MIXFILL_QUOTA_H

/* Processors' worth of time that this process may take: the least quota over its period of its
 * control group and the parents of that, of version 2 (cpu.max) or 1 (cpu.cfs_quota_us over
 * cpu.cfs_period_us). INFINITY where none is set or none can be read. root: "", or a folder that
 * stands for / in a test. Some tens of microseconds: it reads a few files of the kernel's. */
double mixfill_quota_cpus(const char *root);

#endif
