import { expect, test } from "vitest";
import { addressSchema, parseAddress } from "./address.ts";
import { RackwatchError } from "./errors.ts";

test.each([
  ["serial:/dev/ttyUSB0", { kind: "serial", path: "/dev/ttyUSB0" }],
  ["tcp://10.0.0.5:502", { kind: "tcp", host: "10.0.0.5", port: 502 }],
  ["tcp://plc.local:65535", { kind: "tcp", host: "plc.local", port: 65_535 }],
  ["tcp://[fd00::5]:502", { kind: "tcp", host: "fd00::5", port: 502 }],
])("%s is understood", (text, address) => {
  expect(parseAddress(text)).toEqual(address);
  expect(addressSchema.parse(text)).toBe(text);
});

test.each([
  ["/dev/ttyUSB0", "address/scheme"],
  ["http://10.0.0.5:502", "address/scheme"],
  ["serial:ttyUSB0", "address/path"],
  ["serial:", "address/path"],
  ["serial:/dev/tty USB0", "address/path"],
  ["tcp://:502", "address/host"],
  ["tcp://a b:502", "address/host"],
  ["tcp://fd00::5:502", "address/host"],
  ["tcp://10.0.0.5", "address/port"],
  ["tcp://10.0.0.5:0", "address/port"],
  ["tcp://10.0.0.5:65536", "address/port"],
])("%s is refused as %s", (text, message) => {
  expect(addressSchema.safeParse(text).error?.issues).toMatchObject([{ message }]);
  expect(() => parseAddress(text)).toThrow(RackwatchError);
  expect(() => parseAddress(text)).toThrow(text);
});
