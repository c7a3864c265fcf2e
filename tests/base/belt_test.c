#include "base/belt.h"

#include <pthread.h>

#include "test.h"

#define N_NUMBERS 10000

static void *
numbers_give(void *thing)
{
    struct belt *belt = thing;
    for (uint32_t i = 0; i < N_NUMBERS; i++) {
        char *room = belt_room(belt);
        if (room == NULL)
            return NULL;
        memcpy(room, &i, sizeof i);
        belt_give(belt, sizeof i);
    }
    belt_end(belt);
    return belt;
}

static struct belt *
giver_start(struct scope *s, pthread_t *giver)
{
    struct belt *belt = belt_open(s, 3, sizeof(uint32_t));
    CHECK(pthread_create(giver, NULL, numbers_give, belt) == 0);
    return belt;
}

TEST(belt_brings_all_pieces_in_their_order)
{
    pthread_t giver;
    struct str piece;
    uint32_t n = 0, number;
    struct belt *belt = giver_start(s, &giver);

    for (; belt_take(belt, &piece); n++) {
        CHECK(piece.n == sizeof number);
        memcpy(&number, piece.at, sizeof number);
        CHECK(number == n);
    }

    CHECK(n == N_NUMBERS);
    CHECK(!belt_take(belt, &piece)); // and stays at its end
    pthread_join(giver, NULL);
}

TEST(belt_tells_its_giver_when_the_taker_has_left)
{
    pthread_t giver;
    struct str piece;
    void *finished;
    struct belt *belt = giver_start(s, &giver);

    CHECK(belt_take(belt, &piece));
    belt_leave(belt);

    pthread_join(giver, &finished);
    CHECK(finished == NULL); // before its last number: the belt holds three
}
