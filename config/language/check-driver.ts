import { checkMqttText } from "./check-mqtt.ts";
import { checkOpcUaText } from "./check-opcua.ts";
import { checkRfidText } from "./check-rfid.ts";
import { checkScaleText } from "./check-scale.ts";
import type { Texts } from "./language.ts";

/** By the messages that the schemas of drivers give to their own checks. */
const en: Readonly<Record<string, string>> = {
  ...checkScaleText.en,
  ...checkRfidText.en,
  ...checkOpcUaText.en,
  ...checkMqttText.en,
  "address/scheme": "a port begins with serial: or tcp://, for example tcp://10.0.0.5:502",
  "address/path": "serial: needs the absolute path of a port, for example serial:/dev/ttyS0",
  "address/host": "tcp:// needs a host, for example tcp://10.0.0.5:502",
  "address/port": "tcp:// needs a port from 1 to 65535, for example tcp://10.0.0.5:502",
  "modbus/address-range": "the register lies outside of 0 to 65535 (mind addressBase)",
  "modbus/bit-missing": "type bool in a register needs bit: the number of the bit",
  "modbus/bit-range": "bits count from 0, the lowest first, and end with the register",
  "modbus/bit-table-type": "coils and discrete inputs are always bool: leave type out",
  "modbus/bits-of-integer": "bits exist in integer types of 16 or 32 bits only",
  "modbus/enum-code": "the keys of enum are whole numbers, as the device sends them",
  "modbus/example-request": "an example names table, address and count, or a request in hex",
  "modbus/hex": "write bytes in hex, for example 04 0001 0002",
  "modbus/read-only": "this cannot be written: only whole holding registers and coils can",
  "modbus/registers-max": "the value is longer than registersMax allows in one request",
  "modbus/scale-zero": "a scale of 0 makes every value 0",
  "modbus/type-missing": "a register needs a type, for example int16 or float32",
  "modbus/unit-id": "on a serial line a unit id is 1 to 247",
  "gpio/lines-max": "too many lines in one channel",
  "gpio/input-only": "only inputs have this: add access: read",
  "gpio/output-only": "only outputs have this: leave it out, or access: read",
  "gpio/needs-sysfs": "this needs backend: sysfs",
  "gpio/needs-sim": "this needs backend: sim",
};

const zh: typeof en = {
  ...checkScaleText.zh,
  ...checkRfidText.zh,
  ...checkOpcUaText.zh,
  ...checkMqttText.zh,
  "address/scheme": "端口以 serial: 或 tcp:// 开头，例如 tcp://10.0.0.5:502",
  "address/path": "serial: 后面要写端口的绝对路径，例如 serial:/dev/ttyS0",
  "address/host": "tcp:// 后面要写主机，例如 tcp://10.0.0.5:502",
  "address/port": "tcp:// 需要 1 到 65535 的端口号，例如 tcp://10.0.0.5:502",
  "modbus/address-range": "寄存器地址超出 0 到 65535（请注意 addressBase）",
  "modbus/bit-missing": "寄存器中的 bool 类型需要用 bit 指明位号",
  "modbus/bit-range": "位号从最低位 0 开始，不能超出寄存器",
  "modbus/bit-table-type": "线圈和离散输入总是 bool：不要写 type",
  "modbus/bits-of-integer": "只有 16 位或 32 位整数类型才有位",
  "modbus/enum-code": "enum 的键是设备发送的整数",
  "modbus/example-request": "示例要写明 table、address 和 count，或十六进制的请求",
  "modbus/hex": "请用十六进制书写字节，例如 04 0001 0002",
  "modbus/read-only": "此点不可写：只有完整的保持寄存器和线圈可写",
  "modbus/registers-max": "该值的长度超过一次请求允许的 registersMax",
  "modbus/scale-zero": "scale 为 0 会使所有值都变成 0",
  "modbus/type-missing": "寄存器需要 type，例如 int16 或 float32",
  "modbus/unit-id": "串行线路上的从站地址为 1 到 247",
  "gpio/lines-max": "一个通道中的线太多",
  "gpio/input-only": "只有输入才有此项：请加上 access: read",
  "gpio/output-only": "只有输出才有此项：请删除此项或 access: read",
  "gpio/needs-sysfs": "需要 backend: sysfs",
  "gpio/needs-sim": "需要 backend: sim",
};

/** What is said about the checks that belong to one driver. */
export const checkDriverText: Texts<typeof en> = { en, zh };
