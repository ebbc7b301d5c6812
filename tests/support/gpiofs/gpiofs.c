/*
 * A /sys/class/gpio for tests, as a FUSE file system: one chip, whose lines are exported, driven and logged with the
 * rules of the kernel's gpiolib-sysfs. Environment:
 *   GPIOFS_BASE   number of the first line (default 512, as since kernel 6.6)
 *   GPIOFS_LABEL  label of the chip (default pinctrl-bcm2835)
 *   GPIOFS_LOG    file that gets "seconds offset level" for each change of an output
 *   GPIOFS_HELD   offset of a line that a kernel driver holds: exporting it is EBUSY
 *   GPIOFS_STUCK  offset of a line whose direction cannot be changed: EIO
 * Writing "OFFSET LEVEL" to /inputs is what happens outside, on the pin of an input.
 *   GPIOFS_GRANT_MS  how long the files of a fresh line stay read-only, until "udev" has changed their owner
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fuse.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINES 54
#define TEXT_MAX 64

struct line {
  int exported, output, level, active_low, changed;
  char edge[8];
  double since;
  struct fuse_pollhandle *waiting;
};

enum node { NONE, ROOT, EXPORT, UNEXPORT, INPUTS, CHIP, BASE, LABEL, NGPIO, LINE, DIRECTION, VALUE, EDGE, ACTIVE_LOW };

static struct line lines[LINES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int base = 512, held = -1, stuck = -1, grant_ms;
static const char *label = "pinctrl-bcm2835", *log_path;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void drive(int offset, int level) {
  lines[offset].level = level;
  FILE *log = log_path == NULL ? NULL : fopen(log_path, "a");
  if (log == NULL) return;
  fprintf(log, "%.6f %d %d\n", now(), offset, level);
  fclose(log);
}

static enum node file_of(const char *name, const char *const *names, enum node first) {
  for (int i = 0; names[i] != NULL; i++)
    if (strcmp(name, names[i]) == 0) return first + i;
  return NONE;
}

static const char *const chip_files[] = {"base", "label", "ngpio", NULL};
static const char *const line_files[] = {"direction", "value", "edge", "active_low", NULL};
static const char *const root_files[] = {"export", "unexport", "inputs", NULL};

static enum node find(const char *path, int *offset) {
  int number, length = 0;
  char rest[TEXT_MAX] = "";
  if (strcmp(path, "/") == 0) return ROOT;
  if (sscanf(path, "/gpiochip%d%n", &number, &length) == 1) {
    if (number != base) return NONE;
    return path[length] == 0 ? CHIP : file_of(path + length + 1, chip_files, BASE);
  }
  if (sscanf(path, "/gpio%d%n", &number, &length) == 1) {
    *offset = number - base;
    if (*offset < 0 || *offset >= LINES || !lines[*offset].exported) return NONE;
    snprintf(rest, sizeof rest, "%s", path + length);
    return rest[0] == 0 ? LINE : file_of(rest + 1, line_files, DIRECTION);
  }
  return file_of(path + 1, root_files, EXPORT);
}

static int get_attributes(const char *path, struct stat *out, struct fuse_file_info *info) {
  (void)info;
  int offset = 0;
  enum node node = find(path, &offset);
  memset(out, 0, sizeof *out);
  if (node == NONE) return -ENOENT;
  out->st_nlink = 1;
  out->st_size = 4096;
  if (node == ROOT || node == CHIP || node == LINE) out->st_mode = S_IFDIR | 0755;
  else if (node == EXPORT || node == UNEXPORT || node == INPUTS) out->st_mode = S_IFREG | 0220;
  else if (node == BASE || node == LABEL || node == NGPIO) out->st_mode = S_IFREG | 0444;
  else out->st_mode = S_IFREG | 0664;
  return 0;
}

static int granted(int offset) { return (now() - lines[offset].since) * 1000 >= grant_ms; }

static int check_access(const char *path, int mask) {
  int offset = 0;
  enum node node = find(path, &offset);
  if (node == NONE) return -ENOENT;
  return node >= DIRECTION && (mask & W_OK) && !granted(offset) ? -EACCES : 0;
}

static int open_file(const char *path, struct fuse_file_info *info) {
  int offset = 0;
  enum node node = find(path, &offset);
  if (node == NONE) return -ENOENT;
  if (node >= DIRECTION && (info->flags & O_ACCMODE) != O_RDONLY && !granted(offset)) return -EACCES;
  info->direct_io = 1;
  return 0;
}

static int read_folder(const char *path, void *buffer, fuse_fill_dir_t fill, off_t from,
                       struct fuse_file_info *info, enum fuse_readdir_flags flags) {
  (void)from, (void)info, (void)flags;
  int offset = 0;
  char name[TEXT_MAX];
  enum node node = find(path, &offset);
  const char *const *names = node == ROOT ? root_files : node == CHIP ? chip_files : line_files;
  for (int i = 0; names[i] != NULL; i++) fill(buffer, names[i], NULL, 0, 0);
  if (node != ROOT) return 0;
  snprintf(name, sizeof name, "gpiochip%d", base);
  fill(buffer, name, NULL, 0, 0);
  for (int i = 0; i < LINES; i++)
    if (lines[i].exported) {
      snprintf(name, sizeof name, "gpio%d", base + i);
      fill(buffer, name, NULL, 0, 0);
    }
  return 0;
}

static int read_file(const char *path, char *buffer, size_t size, off_t from, struct fuse_file_info *info) {
  (void)info;
  int offset = 0;
  char text[TEXT_MAX];
  enum node node = find(path, &offset);
  struct line *line = &lines[offset];
  if (node == VALUE) line->changed = 0;
  if (node == BASE) snprintf(text, sizeof text, "%d\n", base);
  else if (node == LABEL) snprintf(text, sizeof text, "%s\n", label);
  else if (node == NGPIO) snprintf(text, sizeof text, "%d\n", LINES);
  else if (node == DIRECTION) snprintf(text, sizeof text, "%s\n", line->output ? "out" : "in");
  else if (node == VALUE) snprintf(text, sizeof text, "%d\n", line->level ^ line->active_low);
  else if (node == EDGE) snprintf(text, sizeof text, "%s\n", line->edge[0] ? line->edge : "none");
  else if (node == ACTIVE_LOW) snprintf(text, sizeof text, "%d\n", line->active_low);
  else return node == NONE ? -ENODEV : -EIO;
  size_t length = strlen(text);
  if ((size_t)from >= length) return 0;
  if (size > length - from) size = length - from;
  memcpy(buffer, text + from, size);
  return size;
}

static void wake(struct line *line) {
  if (line->waiting == NULL) return;
  fuse_notify_poll(line->waiting);
  fuse_pollhandle_destroy(line->waiting);
  line->waiting = NULL;
}

static int export_line(int number, int wanted) {
  int offset = number - base;
  if (offset < 0 || offset >= LINES) return -EINVAL;
  if (wanted && (offset == held || lines[offset].exported)) return -EBUSY;
  if (!wanted && !lines[offset].exported) return -EINVAL;
  /* Whoever polls a file that is removed is woken, with POLLERR. */
  wake(&lines[offset]);
  int level = lines[offset].output ? 0 : lines[offset].level;
  lines[offset] = (struct line){.exported = wanted, .level = level, .since = now()};
  return 0;
}

static int set_direction(int offset, const char *text) {
  if (offset == stuck) return -EIO;
  int high = strcmp(text, "high") == 0, low = strcmp(text, "low") == 0 || strcmp(text, "out") == 0;
  if (!high && !low && strcmp(text, "in") != 0) return -EINVAL;
  lines[offset].output = high || low;
  if (high || low) drive(offset, high);
  return 0;
}

static int set_input(const char *data, size_t size) {
  int offset, level;
  char text[TEXT_MAX];
  snprintf(text, sizeof text, "%.*s", (int)size, data);
  if (sscanf(text, "%d %d", &offset, &level) != 2 || offset < 0 || offset >= LINES) return -EINVAL;
  struct line *line = &lines[offset];
  if (line->output || line->level == level) return 0;
  line->level = level;
  if (strcmp(line->edge, "both") != 0) return 0;
  line->changed = 1;
  wake(line);
  return 0;
}

/* As in the kernel: an edge is told with POLLPRI until the value was read. */
static int poll_file(const char *path, struct fuse_file_info *info, struct fuse_pollhandle *handle, unsigned *events) {
  (void)info;
  int offset = 0;
  pthread_mutex_lock(&lock);
  enum node node = find(path, &offset);
  struct line *line = &lines[offset];
  if (handle != NULL) {
    if (node == VALUE) {
      if (line->waiting != NULL) fuse_pollhandle_destroy(line->waiting);
      line->waiting = handle;
    } else fuse_pollhandle_destroy(handle);
  }
  *events = node == VALUE && !line->changed ? 0 : POLLPRI | POLLERR;
  pthread_mutex_unlock(&lock);
  return 0;
}

static int write_file(const char *path, const char *data, size_t size, off_t at, struct fuse_file_info *info) {
  (void)at, (void)info;
  int offset = 0, result = 0;
  char text[TEXT_MAX];
  snprintf(text, sizeof text, "%.*s", (int)size, data);
  text[strcspn(text, " \n")] = 0;
  pthread_mutex_lock(&lock);
  enum node node = find(path, &offset);
  if (node == EXPORT || node == UNEXPORT) result = export_line(atoi(text), node == EXPORT);
  else if (node == INPUTS) result = set_input(data, size);
  else if (node == EDGE) snprintf(lines[offset].edge, sizeof lines[offset].edge, "%.7s", text);
  else if (node == DIRECTION) result = set_direction(offset, text);
  else if (node == VALUE && !lines[offset].output) result = -EPERM;
  else if (node == VALUE) drive(offset, (text[0] != '0') ^ lines[offset].active_low);
  else if (node == ACTIVE_LOW) lines[offset].active_low = text[0] == '1';
  else result = node == NONE ? -ENODEV : -EIO;
  pthread_mutex_unlock(&lock);
  return result < 0 ? result : (int)size;
}

static int truncate_file(const char *path, off_t size, struct fuse_file_info *info) {
  (void)path, (void)size, (void)info;
  return 0;
}

static int number_from(const char *name, int otherwise) {
  const char *text = getenv(name);
  return text == NULL ? otherwise : atoi(text);
}

int main(int count, char **arguments) {
  base = number_from("GPIOFS_BASE", base);
  held = number_from("GPIOFS_HELD", held);
  stuck = number_from("GPIOFS_STUCK", stuck);
  grant_ms = number_from("GPIOFS_GRANT_MS", 0);
  log_path = getenv("GPIOFS_LOG");
  if (getenv("GPIOFS_LABEL") != NULL) label = getenv("GPIOFS_LABEL");
  static const struct fuse_operations operations = {
      .getattr = get_attributes, .access = check_access, .open = open_file, .readdir = read_folder,
      .read = read_file, .write = write_file, .truncate = truncate_file,
      .poll = poll_file,
  };
  return fuse_main(count, arguments, &operations, NULL);
}
