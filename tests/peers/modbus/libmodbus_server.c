/* A Modbus server on libmodbus. Arguments: tcp PORT | serial PATH. Encodes the test values by libmodbus' own means. */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not modbus_set_float_*: in libmodbus 3.1.6 they give bytes in the order of the host's memory. */
static void put_float(uint16_t *words, float value, int swaps_words, int swaps_bytes) {
  uint32_t pattern;
  memcpy(&pattern, &value, 4);
  uint16_t high = pattern >> 16, low = pattern & 0xffff;
  words[0] = swaps_words ? low : high;
  words[1] = swaps_words ? high : low;
  for (int index = 0; index < 2 && swaps_bytes; index += 1)
    words[index] = (uint16_t)(words[index] << 8 | words[index] >> 8);
}

static void fill(uint16_t *words) {
  words[0] = (uint16_t)-20500;
  words[1] = 65000;
  MODBUS_SET_INT32_TO_INT16(words, 2, -123456789);
  MODBUS_SET_INT32_TO_INT16(words, 4, 4000000000u);
  MODBUS_SET_INT64_TO_INT16(words, 6, -5000000000001);
  MODBUS_SET_INT64_TO_INT16(words, 10, 9007199254740991);
  double real = -1234.5678;
  int64_t pattern;
  memcpy(&pattern, &real, 8);
  MODBUS_SET_INT64_TO_INT16(words, 16, pattern);
  put_float(words + 14, 30.56f, 0, 0);
  put_float(words + 114, 30.56f, 1, 0);
  put_float(words + 214, 30.56f, 0, 1);
  put_float(words + 314, 30.56f, 1, 1);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int is_tcp = strcmp(argv[1], "tcp") == 0;
  modbus_t *server =
      is_tcp ? modbus_new_tcp("127.0.0.1", atoi(argv[2])) : modbus_new_rtu(argv[2], 9600, 'N', 8, 1);
  modbus_mapping_t *memory = modbus_mapping_new(100, 100, 500, 500);
  fill(memory->tab_registers);
  fill(memory->tab_input_registers);
  for (int index = 0; index < 100; index += 1)
    memory->tab_bits[index] = memory->tab_input_bits[index] = index % 3 == 0;
  modbus_set_slave(server, 1);
  int listening = is_tcp ? modbus_tcp_listen(server, 1) : modbus_connect(server);
  if (listening < 0) return fprintf(stderr, "%s\n", modbus_strerror(errno)), 1;
  puts("ready");
  fflush(stdout);
  for (;;) {
    if (is_tcp && modbus_tcp_accept(server, &listening) < 0) return 1;
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
      int length = modbus_receive(server, query);
      if (length > 0) modbus_reply(server, query, length, memory);
      else if (length < 0 && is_tcp) break;
    }
  }
}
