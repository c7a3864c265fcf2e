// tests/bench/echo.c: the emptiest FastCGI program: reads the body and answers "{}".
//
// It is the other side of the prediction benchmark: the same nginx, the same library, the same
// number of threads and the same request, but no work. usage: echo SOCKET
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fcgiapp.h>

#define THREADS 16
#define BODY_BYTES 65536

static void *
echo(void *fd)
{
    FCGX_Request r;
    static __thread char body[BODY_BYTES];
    static const char reply[] = "Content-Type: application/json\r\nContent-Length: 3\r\n\r\n{}\n";
    FCGX_InitRequest(&r, *(int *)fd, 0);
    while (FCGX_Accept_r(&r) == 0) {
        FCGX_GetStr(body, sizeof body, r.in);
        FCGX_PutStr(reply, sizeof reply - 1, r.out);
        FCGX_Finish_r(&r);
    }
    return NULL;
}

int
main(int argc, char **argv)
{
    pthread_t thread;
    FCGX_Init();
    int fd = argc == 2 ? FCGX_OpenSocket(argv[1], 511) : -1;
    if (fd < 0)
        return 1;
    chmod(argv[1], 0666);
    for (int i = 1; i < THREADS; i++)
        pthread_create(&thread, NULL, echo, &fd);
    echo(&fd);
    return 0;
}
