import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { missingPortAdvice } from "./serial-line.ts";
import { listSerialPorts } from "./serial-ports.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "serial-ports-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const list = () => listSerialPorts({ dev: join(root, "dev"), sys: join(root, "sys") });

function file(path: string, content = ""): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  mkdirSync(dirname(join(root, target)), { recursive: true });
  symlinkSync(relative(dirname(join(root, path)), join(root, target)), join(root, path));
}

interface Adapter {
  readonly tty: string;
  /** USB place, for example `1-1.2`. */
  readonly place: string;
  readonly driver: string;
  readonly vendorId: string;
  readonly productId: string;
  readonly product: string;
  readonly manufacturer?: string;
  readonly serial?: string;
}

const usb = "sys/devices/platform/soc/usb1";

/** The kernel's files of one USB adapter, as Linux 6 lays them out, and udev's link by its place. */
function plugIn(adapter: Adapter): void {
  const { tty, place, driver } = adapter;
  const device = `${usb}/${place}`;
  file(`${device}/idVendor`, `${adapter.vendorId}\n`);
  file(`${device}/idProduct`, `${adapter.productId}\n`);
  file(`${device}/product`, `${adapter.product}\n`);
  if (adapter.manufacturer !== undefined)
    file(`${device}/manufacturer`, `${adapter.manufacturer}\n`);
  if (adapter.serial !== undefined) file(`${device}/serial`, `${adapter.serial}\n`);
  file(`${device}/${place}:1.0/bInterfaceNumber`, "00\n");
  const port = `${device}/${place}:1.0/${tty}`;
  mkdirSync(join(root, port), { recursive: true });
  mkdirSync(join(root, `sys/bus/usb-serial/drivers/${driver}`), { recursive: true });
  link(`${port}/driver`, `sys/bus/usb-serial/drivers/${driver}`);
  file(`dev/${tty}`);
  mkdirSync(join(root, `sys/class/tty/${tty}`), { recursive: true });
  symlinkSync(join(root, port), join(root, `sys/class/tty/${tty}/device`));
  const inPath = place.slice(2);
  link(`dev/serial/by-path/platform-3f980000.usb-usbv2-0:${inPath}:1.0-port0`, `dev/${tty}`);
  link(`dev/serial/by-path/platform-3f980000.usb-usb-0:${inPath}:1.0-port0`, `dev/${tty}`);
}

function ch340(tty: string, place: string): void {
  plugIn({
    tty,
    place,
    driver: "ch341-uart",
    vendorId: "1a86",
    productId: "7523",
    product: "USB Serial",
  });
}

/** A UART on the board; `type` 0: the kernel has room for one that is not there. */
function uart(tty: string, type: string, hasNode = true): void {
  const device = `sys/devices/platform/${tty}.serial`;
  mkdirSync(join(root, "sys/bus/serial-base/drivers/port"), { recursive: true });
  mkdirSync(join(root, "sys/bus/amba/drivers/uart-pl011"), { recursive: true });
  mkdirSync(join(root, device, `${tty}:0/${tty}:0.0`), { recursive: true });
  link(`${device}/${tty}:0/${tty}:0.0/driver`, "sys/bus/serial-base/drivers/port");
  link(`${device}/driver`, "sys/bus/amba/drivers/uart-pl011");
  mkdirSync(join(root, `sys/class/tty/${tty}`), { recursive: true });
  symlinkSync(join(root, device, `${tty}:0/${tty}:0.0`), join(root, `sys/class/tty/${tty}/device`));
  file(`sys/class/tty/${tty}/type`, `${type}\n`);
  if (hasNode) file(`dev/${tty}`);
}

test("an adapter with a serial number is advised by id: it may move to another socket", async () => {
  plugIn({
    tty: "ttyUSB0",
    place: "1-1.2",
    driver: "ftdi_sio",
    vendorId: "0403",
    productId: "6001",
    product: "FT232R USB UART",
    manufacturer: "FTDI",
    serial: "A10KZ1",
  });
  const id = "dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A10KZ1-if00-port0";
  link(id, "dev/ttyUSB0");
  expect(await list()).toEqual([
    {
      path: join(root, "dev/ttyUSB0"),
      byId: join(root, id),
      byPath: join(root, "dev/serial/by-path/platform-3f980000.usb-usb-0:1.2:1.0-port0"),
      driver: "ftdi_sio",
      interfaceNumber: "00",
      vendorId: "0403",
      productId: "6001",
      manufacturer: "FTDI",
      product: "FT232R USB UART",
      serialNumber: "A10KZ1",
      advised: `serial:${join(root, id)}`,
    },
  ]);
});

test("two adapters without serial numbers are advised by path: their one id would swap them", async () => {
  ch340("ttyUSB0", "1-1.3");
  ch340("ttyUSB1", "1-1.4");
  link("dev/serial/by-id/usb-1a86_USB_Serial-if00-port0", "dev/ttyUSB1");
  expect((await list()).map(({ advised }) => advised.slice(`serial:${root}`.length))).toEqual([
    "/dev/serial/by-path/platform-3f980000.usb-usb-0:1.3:1.0-port0",
    "/dev/serial/by-path/platform-3f980000.usb-usb-0:1.4:1.0-port0",
  ]);
});

test("a serial number that two adapters share is none", async () => {
  for (const [tty, place] of [
    ["ttyUSB0", "1-1.1"],
    ["ttyUSB1", "1-1.2"],
  ] as const)
    plugIn({
      tty,
      place,
      driver: "cp210x",
      vendorId: "10c4",
      productId: "ea60",
      product: "CP2102",
      serial: "0001",
    });
  link("dev/serial/by-id/usb-Silicon_Labs_CP2102_0001-if00-port0", "dev/ttyUSB1");
  for (const { advised } of await list()) expect(advised).toContain("/by-path/");
});

test("UARTs on the board are listed if they are there, with the driver behind the serial core's", async () => {
  uart("ttyAMA0", "32");
  uart("ttyS0", "0");
  uart("ttyS1", "4", false);
  file("sys/class/tty/tty1/dev", "4:1");
  file("dev/tty1");
  expect(await list()).toEqual([
    {
      path: join(root, "dev/ttyAMA0"),
      driver: "uart-pl011",
      advised: `serial:${join(root, "dev/ttyAMA0")}`,
    },
  ]);
});

test("ports are in the order of their numbers", async () => {
  for (const index of [10, 2, 1]) ch340(`ttyUSB${index}`, `1-1.${index}`);
  expect((await list()).map(({ path }) => path.slice(path.indexOf("ttyUSB")))).toEqual([
    "ttyUSB1",
    "ttyUSB2",
    "ttyUSB10",
  ]);
});

test("a machine without serial ports, or without /sys, has none", async () => {
  expect(await list()).toEqual([]);
});

test("who misses a port is told which are there", () => {
  expect(missingPortAdvice([])).toContain("no serial port is");
  const ports = Array.from({ length: 10 }, (_, index) => ({
    path: `/dev/ttyUSB${index}`,
    advised: `serial:/dev/ttyUSB${index}`,
    product: "CP2102",
  }));
  expect(missingPortAdvice(ports.slice(0, 1))).toContain("serial:/dev/ttyUSB0 (CP2102)");
  expect(missingPortAdvice(ports)).toMatch(/ttyUSB7 \(CP2102\), and 2 more$/);
});
