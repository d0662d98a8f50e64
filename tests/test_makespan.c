/* The makespan of the benches' cost model, against cases worked out by hand. */
#include "makespan.h"

#include <criterion/criterion.h>

Test(makespan, nothing_to_do) {
    cr_expect_eq(bench_makespan(NULL, 0, 4), 0);
}

Test(makespan, one_thread_takes_the_sum) {
    double cost[] = {3, 1, 4, 1, 5};
    cr_expect_eq(bench_makespan(cost, 5, 1), 14);
}

Test(makespan, a_thread_per_block_takes_the_largest) {
    double cost[] = {3, 1, 4, 1, 5};
    cr_expect_eq(bench_makespan(cost, 5, 5), 5);
    cr_expect_eq(bench_makespan(cost, 5, 128), 5);
}

/* Threads are free at 3 and 2; 2 goes to the second, free at 4; 4 goes to the first, free at 7. */
Test(makespan, next_block_to_the_first_free_thread) {
    double cost[] = {3, 2, 2, 4};
    cr_expect_eq(bench_makespan(cost, 4, 2), 7);
}

/* Blocks are not sorted: a long one at the end waits for nobody but starts late. */
Test(makespan, order_matters) {
    double late[] = {1, 1, 4}, early[] = {4, 1, 1};
    cr_expect_eq(bench_makespan(late, 3, 2), 5);
    cr_expect_eq(bench_makespan(early, 3, 2), 4);
}

Test(makespan, equal_blocks_go_in_rounds) {
    double cost[] = {2, 2, 2, 2, 2, 2, 2};
    cr_expect_eq(bench_makespan(cost, 7, 3), 6);
    cr_expect_eq(bench_makespan(cost, 7, 7), 2);
}
