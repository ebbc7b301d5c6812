/*
 * Stands in for gpioset, gpioget, gpiomon and gpiodetect of libgpiod 1.6.3 and 2.2.1, whose syntax, texts and traps it follows; the
 * name under which it is called says which tool it is. The "kernel" is a folder:
 *   chips        what gpiodetect prints; missing: no chip
 *   generation   "1" or "2"
 *   denied       exists: opening a chip fails with EACCES
 *   plain        exists: generation 2 was built without --interactive
 *   failing      exists: setting a value in interactive mode fails with EIO
 *   line-N       locked while somebody holds line N (the lock goes with its process, like the kernel's)
 *   input-N      level of the pin of line N, "0" or "1"; missing: 0
 *   inputs.log   one line a tool that took inputs: its name, its bias
 *   levels.log   one line a change: seconds, line, level or "free"
 * The folder is RACKWATCH_GPIOD, set by a wrapper script, because the driver passes on no environment.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define LINES_MAX 64

static const char *folder;
static int offsets[LINES_MAX], values[LINES_MAX], held;

static void path_of(char *out, size_t size, const char *name) { snprintf(out, size, "%s/%s", folder, name); }

static int present(const char *name) {
  char path[512];
  path_of(path, sizeof path, name);
  return access(path, F_OK) == 0;
}

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "gpioset: ");
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

static void record(int line, const char *level) {
  char path[512], text[64];
  struct timespec now;
  path_of(path, sizeof path, "levels.log");
  clock_gettime(CLOCK_MONOTONIC, &now);
  int length = snprintf(text, sizeof text, "%ld.%06ld %d %s\n", now.tv_sec, now.tv_nsec / 1000, line, level);
  int file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0644);
  if (write(file, text, length) != length) abort();
  close(file);
}

static void free_lines(void) {
  for (int i = 0; i < held; i++) record(offsets[i], "free");
}

static int take(int line, int value) {
  char name[32], path[512];
  snprintf(name, sizeof name, "line-%d", line);
  path_of(path, sizeof path, name);
  int file = open(path, O_RDWR | O_CREAT, 0644);
  if (file < 0 || flock(file, LOCK_EX | LOCK_NB) != 0) return -1;
  offsets[held] = line;
  values[held] = value;
  held++;
  record(line, value ? "1" : "0");
  return 0;
}

static int lines_of_chip(void) {
  char path[512], row[256];
  int lines = -1;
  path_of(path, sizeof path, "chips");
  FILE *file = fopen(path, "r");
  if (file == NULL) return -1;
  if (fgets(row, sizeof row, file) != NULL) sscanf(strrchr(row, '(') + 1, "%d", &lines);
  fclose(file);
  return lines;
}

static void parse(char *argument, int *line, int *value) {
  if (sscanf(argument, "%d=%d", line, value) != 2) fail("invalid offset<->value mapping: %s", argument);
}

static int first_generation(int count, char **arguments) {
  const char *mode = "exit";
  int first = 1;
  for (; first < count && arguments[first][0] == '-'; first++)
    if (strncmp(arguments[first], "--mode=", 7) == 0) mode = arguments[first] + 7;
    else fail("unrecognized argument: %s", arguments[first]);
  const char *prefix = "error setting the GPIO line values";
  if (present("denied")) fail("%s: Permission denied", prefix);
  int lines = lines_of_chip();
  if (lines < 0 || first >= count) fail("%s: No such file or directory", prefix);
  for (int i = first + 1; i < count; i++) {
    int line, value;
    parse(arguments[i], &line, &value);
    if (line >= lines) fail("%s: Invalid argument", prefix);
    if (take(line, value) != 0) fail("%s: Device or resource busy", prefix);
  }
  if (strcmp(mode, "wait") == 0) getchar();
  free_lines();
  return 0;
}

static void command(char *row) {
  char word[16];
  int line, value;
  if (sscanf(row, "set %d=%d", &line, &value) == 2) {
    for (int i = 0; i < held; i++)
      if (offsets[i] == line) {
        values[i] = value;
        if (present("failing")) fprintf(stderr, "gpioset: unable to set values on 'gpiochip0': Input/output error\n");
        else record(line, value ? "1" : "0");
        return;
      }
    printf("unknown line: '%d'\n", line);
  } else if (sscanf(row, "get %d", &line) == 1) {
    for (int i = 0; i < held; i++)
      if (offsets[i] == line) printf("\"%d\"=%s\n", line, values[i] ? "active" : "inactive");
  } else if (sscanf(row, "%15s", word) == 1 && strcmp(word, "exit") == 0) {
    free_lines();
    exit(0);
  } else {
    printf("unknown command: '%s'\n", row);
  }
}

/* The end of input is no reason to end: the prompt comes again and again, as in the real tool. */
static void interact(void) {
  char row[256];
  for (;;) {
    printf("gpioset> ");
    fflush(stdout);
    if (fgets(row, sizeof row, stdin) == NULL) {
      clearerr(stdin);
      continue;
    }
    row[strcspn(row, "\n")] = 0;
    if (row[0] != 0) command(row);
  }
}

static int second_generation(int count, char **arguments) {
  int interactive = 0, once = 0, first = 1;
  const char *chip = NULL;
  for (; first < count && arguments[first][0] == '-'; first++) {
    if (strcmp(arguments[first], "--interactive") == 0 && !present("plain")) interactive = 1;
    else if (strcmp(arguments[first], "--consumer") == 0) first++;
    else if (strcmp(arguments[first], "--chip") == 0) chip = arguments[++first];
    else if (strcmp(arguments[first], "--toggle") == 0) once = strcmp(arguments[++first], "0") == 0;
    else {
      fprintf(stderr, "gpioset: unrecognized option '%s'\n", arguments[first]);
      fail("try gpioset --help");
    }
  }
  int lines = lines_of_chip();
  if (chip == NULL || lines < 0) fail("cannot find GPIO chip character device '%s'", chip == NULL ? "" : chip);
  if (present("denied")) fail("unable to open chip '%s': Permission denied", chip);
  for (int i = first; i < count; i++) {
    int line, value;
    parse(arguments[i], &line, &value);
    if (line >= lines) fail("offset %d is out of range on chip '%s'", line, chip);
    if (take(line, value) != 0) fail("unable to request lines on chip '%s': Device or resource busy", chip);
  }
  if (interactive) interact();
  if (!once) pause();
  free_lines();
  return 0;
}

static int pin(int line) {
  char name[32], path[512], digit = '0';
  snprintf(name, sizeof name, "input-%d", line);
  path_of(path, sizeof path, name);
  int file = open(path, O_RDONLY);
  if (file >= 0 && read(file, &digit, 1) != 1) digit = '0';
  if (file >= 0) close(file);
  return digit == '1';
}

static int take_input(int line) {
  char name[32], path[512];
  snprintf(name, sizeof name, "line-%d", line);
  path_of(path, sizeof path, name);
  int file = open(path, O_RDWR | O_CREAT, 0644);
  if (file < 0 || flock(file, LOCK_EX | LOCK_NB) != 0) return -1;
  offsets[held] = line;
  values[held++] = pin(line);
  return 0;
}

/* Takes the lines behind the options; options of the other generation are refused. */
static void inputs_of(int generation, int count, char **arguments, int watches) {
  const char *chip = NULL, *bias = "as-is";
  int first = 1;
  for (; first < count && arguments[first][0] == '-'; first++) {
    const char *option = arguments[first];
    if (generation == 1 && strncmp(option, "--bias=", 7) == 0) bias = option + 7;
    else if (generation == 1 && watches && strcmp(option, "--line-buffered") == 0) continue;
    else if (watches && strcmp(option, "--format=%o %e") == 0) continue;
    else if (generation == 2 && strcmp(option, "--bias") == 0) bias = arguments[++first];
    else if (generation == 2 && strcmp(option, "--chip") == 0) chip = arguments[++first];
    else if (generation == 2 && strcmp(option, "--consumer") == 0) first++;
    else if (generation == 2 && !watches && strcmp(option, "--numeric") == 0) continue;
    else fail("unrecognized option '%s'", option);
  }
  if (generation == 1) chip = arguments[first++];
  int lines = lines_of_chip();
  if (chip == NULL || lines < 0) fail("cannot find GPIO chip character device '%s'", chip == NULL ? "" : chip);
  if (present("denied")) fail("unable to open chip '%s': Permission denied", chip);
  for (int i = first; i < count; i++) {
    if (atoi(arguments[i]) >= lines) fail("error reading GPIO values: Invalid argument");
    if (take_input(atoi(arguments[i])) != 0) fail("error reading GPIO values: Device or resource busy");
  }
  char path[512];
  path_of(path, sizeof path, "inputs.log");
  FILE *log = fopen(path, "a");
  fprintf(log, "%s %s\n", watches ? "gpiomon" : "gpioget", bias);
  fclose(log);
}

static int get(int generation, int count, char **arguments) {
  inputs_of(generation, count, arguments, 0);
  for (int i = 0; i < held; i++) printf(i == 0 ? "%d" : " %d", values[i]);
  printf("\n");
  return 0;
}

/* Looks at the pins each millisecond, where the real tool waits for the kernel; it ends by a signal only. */
static void monitor(int generation, int count, char **arguments) {
  inputs_of(generation, count, arguments, 1);
  for (;;) {
    for (int i = 0; i < held; i++) {
      int level = pin(offsets[i]);
      if (level == values[i]) continue;
      values[i] = level;
      printf("%d %d\n", offsets[i], level ? 1 : generation == 1 ? 0 : 2);
      fflush(stdout);
    }
    usleep(1000);
  }
}

static int detect(int generation) {
  char path[512], row[256];
  if (present("denied")) {
    if (generation == 1) fprintf(stderr, "gpiodetect: unable to access GPIO chips: Permission denied\n");
    else fprintf(stderr, "gpiodetect: unable to open chip '/dev/gpiochip0': Permission denied\n");
    return 1;
  }
  path_of(path, sizeof path, "chips");
  FILE *file = fopen(path, "r");
  while (file != NULL && fgets(row, sizeof row, file) != NULL) fputs(row, stdout);
  return 0;
}

int main(int count, char **arguments) {
  const char *slash = strrchr(arguments[0], '/'), *tool = slash == NULL ? arguments[0] : slash + 1;
  folder = getenv("RACKWATCH_GPIOD");
  if (folder == NULL) fail("RACKWATCH_GPIOD is not set");
  char path[512], digit[2] = "1";
  path_of(path, sizeof path, "generation");
  int file = open(path, O_RDONLY);
  if (read(file, digit, 1) != 1) fail("no generation");
  int generation = digit[0] - '0';
  if (strcmp(tool, "gpiodetect") == 0) return detect(generation);
  if (strcmp(tool, "gpioget") == 0) return get(generation, count, arguments);
  if (strcmp(tool, "gpiomon") == 0) monitor(generation, count, arguments);
  if (count == 2 && strcmp(arguments[1], "--version") == 0) {
    printf("gpioset (libgpiod) %s\n", generation == 1 ? "v1.6.3" : "v2.2.1");
    return 0;
  }
  if (count == 2 && strcmp(arguments[1], "--help") == 0) {
    printf("Usage: gpioset [OPTIONS]\n%s", generation == 2 && !present("plain") ? "  -i, --interactive\n" : "");
    return 0;
  }
  return generation == 1 ? first_generation(count, arguments) : second_generation(count, arguments);
}
