/*
 * Asks an HTTP/1.1 server for the same or varying things over kept connections and takes every byte, with as little
 * work as possible on one thread: larger reads than wrk's 8 KiB, and HEAD, which wrk cannot.
 *
 * load HOST PORT CONNECTIONS SECONDS REQUESTS METHOD RANGE SIZE HEADERS PATHS
 *   SECONDS   begins no request after so long; 0: no limit
 *   REQUESTS  begins no more than so many; 0: no limit
 *   RANGE     bytes of each request's Range, taken in turn from SIZE bytes; 0: none
 *   HEADERS   file of further header lines, CRLF after each
 *   PATHS     file of paths, one a line, asked for in turn
 *
 * Prints JSON: seconds, requests, bytes of bodies, failures (status other than 200 and 206), first byte of the first
 * answer and percentiles of the latency in milliseconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (1024 * 1024)
#define HEAD 16384
#define HEAD_COMES -1
#define CHUNKS_COME -2
#define LAST_CHUNK "\r\n0\r\n\r\n"
#define LAST_LENGTH (sizeof LAST_CHUNK - 1)
#define SAMPLES (4 * 1024 * 1024)

struct connection {
  int fd;
  int is_busy;
  char head[HEAD];
  size_t head_length;
  /* Bytes of the body that are still to come; HEAD_COMES and CHUNKS_COME stand for what is not known. */
  long long left;
  /* The last bytes of a body in chunks. */
  char tail[sizeof LAST_CHUNK];
  double started;
};

static const char *host, *method;
static char *headers, **paths;
static long path_count, next_path, most_requests, requests, done, failures;
static long long range, range_size, next_range, bytes;
static double begun, deadline, first_byte = -1;
static float *samples;
static char buffer[BUFFER];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void die(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static char *contents(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) die(path);
  size_t size = 0;
  char *text = malloc(1);
  for (;;) {
    text = realloc(text, size + 65537);
    size_t count = fread(text + size, 1, 65536, file);
    size += count;
    if (count == 0) break;
  }
  text[size] = 0;
  fclose(file);
  return text;
}

static int may_begin(void) {
  return (most_requests == 0 || requests < most_requests) && (deadline == 0 || now() < deadline);
}

static void begin(struct connection *c) {
  char text[HEAD];
  int length = snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: %s\r\n%s", method, paths[next_path], host, headers);
  next_path = (next_path + 1) % path_count;
  if (range > 0) {
    if (next_range + range > range_size) next_range = 0;
    length += snprintf(text + length, sizeof text - length, "Range: bytes=%lld-%lld\r\n", next_range, next_range + range - 1);
    next_range += range;
  }
  length += snprintf(text + length, sizeof text - length, "\r\n");
  c->is_busy = 1;
  c->head_length = 0;
  c->left = HEAD_COMES;
  c->started = now();
  requests++;
  if (send(c->fd, text, length, MSG_NOSIGNAL) != length) die("send");
}

static void end(struct connection *c) {
  samples[done % SAMPLES] = (float)((now() - c->started) * 1000);
  done++;
  c->is_busy = 0;
  if (may_begin()) begin(c);
}

/* Looks for the end of a body in chunks (RFC 9112, 7.1); the frames are counted as its bytes. */
static void chunks(struct connection *c, const char *data, size_t length) {
  bytes += length;
  if (length >= LAST_LENGTH) {
    memcpy(c->tail, data + length - LAST_LENGTH, LAST_LENGTH);
  } else {
    memmove(c->tail, c->tail + length, LAST_LENGTH - length);
    memcpy(c->tail + LAST_LENGTH - length, data, length);
  }
  c->left = memcmp(c->tail, LAST_CHUNK, LAST_LENGTH) == 0 ? 0 : CHUNKS_COME;
}

/* Reads the head of an answer; what came of the body with it is counted. */
static void head(struct connection *c, const char *data, size_t length) {
  if (c->head_length + length >= HEAD) length = HEAD - 1 - c->head_length;
  if (first_byte < 0) first_byte = now() - c->started;
  memcpy(c->head + c->head_length, data, length);
  c->head_length += length;
  c->head[c->head_length] = 0;
  char *close = memmem(c->head, c->head_length, "\r\n\r\n", 4);
  if (close == NULL) {
    if (c->head_length == HEAD - 1) die("the head of the answer is too long");
    return;
  }
  int status = atoi(c->head + 9);
  if (status != 200 && status != 206) {
    if (failures++ == 0) fprintf(stderr, "load: %.*s\n", (int)(close - c->head), c->head);
  }
  long long came = (long long)(c->head + c->head_length - (close + 4));
  char *field = strcasestr(c->head, "\r\nContent-Length:");
  if (strcmp(method, "HEAD") == 0) {
    c->left = 0;
  } else if (field == NULL || field > close) {
    chunks(c, close + 4, came);
  } else {
    c->left = atoll(field + 17) - came;
    bytes += came;
  }
}

static void take(struct connection *c) {
  size_t wanted = c->left == HEAD_COMES ? 8192 : BUFFER;
  ssize_t count = recv(c->fd, buffer, wanted, 0);
  if (count <= 0) die("the server closed the connection");
  if (c->left == HEAD_COMES) {
    head(c, buffer, count);
  } else if (c->left == CHUNKS_COME) {
    chunks(c, buffer, count);
  } else {
    c->left -= count;
    bytes += count;
  }
  if (c->left == 0) end(c);
}

static int by_value(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

int main(int count, char **words) {
  if (count != 11) {
    fprintf(stderr, "load HOST PORT CONNECTIONS SECONDS REQUESTS METHOD RANGE SIZE HEADERS PATHS\n");
    return 2;
  }
  host = words[1];
  int connections = atoi(words[3]);
  double seconds = atof(words[4]);
  most_requests = atol(words[5]);
  method = words[6];
  range = atoll(words[7]);
  range_size = atoll(words[8]);
  headers = contents(words[9]);
  char *list = contents(words[10]);
  for (char *line = strtok(list, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    paths = realloc(paths, (path_count + 1) * sizeof *paths);
    paths[path_count++] = line;
  }
  samples = malloc(SAMPLES * sizeof *samples);
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *address;
  if (getaddrinfo(host, words[2], &hints, &address) != 0) die("getaddrinfo");
  struct connection *all = calloc(connections, sizeof *all);
  int poll = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    struct connection *c = &all[i];
    int yes = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->fd, address->ai_addr, address->ai_addrlen) != 0) die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &event);
  }
  begun = now();
  deadline = seconds == 0 ? 0 : begun + seconds;
  for (int i = 0; i < connections && may_begin(); i++) begin(&all[i]);
  while (done < requests) {
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, -1);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < ready; i++) take(events[i].data.ptr);
  }
  double took = now() - begun;
  long kept = done < SAMPLES ? done : SAMPLES;
  qsort(samples, kept, sizeof *samples, by_value);
  printf("{\"seconds\":%.6f,\"requests\":%ld,\"bytes\":%lld,\"failures\":%ld,\"firstByte\":%.3f,\"p50\":%.3f,\"p99\":%.3f}\n",
         took, done, bytes, failures, first_byte * 1000, samples[kept / 2], samples[kept * 99 / 100]);
  return failures > 0 ? 3 : 0;
}
