import { readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/** One serial port of this machine. */
export interface ListedPort {
  /** `/dev/ttyUSB0`: may change with the order in which adapters are plugged in. */
  readonly path: string;
  /** Follows the adapter to any socket. Not unique where adapters have no serial number. */
  readonly byId?: string | undefined;
  /** Follows the socket, whatever is plugged in. */
  readonly byPath?: string | undefined;
  /** Of the kernel: `ftdi_sio`, `ch341-uart`, `cdc_acm`. */
  readonly driver?: string | undefined;
  /** Four hex digits each, as in USB's lists. */
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly product?: string | undefined;
  readonly serialNumber?: string | undefined;
  /** Number of the USB interface, on adapters with several ports. */
  readonly interfaceNumber?: string | undefined;
  /** What to write as `port:` in the configuration. */
  readonly advised: string;
}

/** Where the system's own folders are, for tests. */
export interface Roots {
  readonly dev: string;
  readonly sys: string;
}

/** Steps from a port up to its USB device are two or three; hubs do not add any. */
const levelsMax = 8;

/**
 * The serial ports that are there, by name. Reads udev's links and the kernel's files, since `SerialPort.list()` needs
 * the program udevadm. Empty where there are none; without udev `byId` and `byPath` are absent.
 */
export async function listSerialPorts(
  roots: Roots = { dev: "/dev", sys: "/sys" },
): Promise<readonly ListedPort[]> {
  const folder = join(roots.sys, "class/tty");
  const [names, byId, byPath] = await Promise.all([
    readdir(folder).catch(() => []),
    linksTo(roots, "serial/by-id"),
    linksTo(roots, "serial/by-path"),
  ]);
  const found = await Promise.all(
    names.sort(inOrder).map(async (name) => {
      const hardware = await hardwareOf(roots, join(folder, name));
      const path = join(roots.dev, name);
      if (hardware === undefined || !(await exists(path))) return undefined;
      return { path, byId: byId.get(name), byPath: byPath.get(name), ...hardware };
    }),
  );
  const ports = found.filter((port) => port !== undefined);
  return ports.map((port) => ({ ...port, advised: `serial:${stableName(port, ports)}` }));
}

type Port = Omit<ListedPort, "advised">;

function inOrder(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** A serial number that a second adapter shares is a dummy of its maker, and then udev keeps only one of both links. */
function stableName(port: Port, all: readonly Port[]): string {
  const isTwin = (other: Port) =>
    other !== port &&
    other.vendorId === port.vendorId &&
    other.productId === port.productId &&
    other.serialNumber === port.serialNumber &&
    other.interfaceNumber === port.interfaceNumber;
  const isUnique = port.serialNumber !== undefined && !all.some(isTwin);
  return (isUnique ? port.byId : undefined) ?? port.byPath ?? port.path;
}

/** By name of the port. Of several links to one port the shortest counts (udev adds a `usbv2` form to by-path). */
async function linksTo(roots: Roots, folder: string): Promise<ReadonlyMap<string, string>> {
  const from = join(roots.dev, folder);
  const links = new Map<string, string>();
  const names = await readdir(from).catch(() => []);
  for (const name of names.sort((a, b) => b.length - a.length || inOrder(b, a))) {
    const target = await readlink(join(from, name)).catch(() => undefined);
    if (target !== undefined) links.set(basename(resolve(from, target)), join(from, name));
  }
  return links;
}

/** Undefined for what is no hardware: consoles, and UARTs that the kernel has room for but did not find. */
async function hardwareOf(roots: Roots, tty: string): Promise<Omit<Port, "path"> | undefined> {
  const device = await realpath(join(tty, "device")).catch(() => undefined);
  if (device === undefined || (await text(tty, "type")) === "0") return undefined;
  let driver: string | undefined;
  let interfaceNumber: string | undefined;
  let folder = device;
  for (let level = 0; level < levelsMax && folder !== roots.sys; level += 1) {
    driver ??= await driverOf(folder);
    interfaceNumber ??= await text(folder, "bInterfaceNumber");
    const vendorId = await text(folder, "idVendor");
    if (vendorId !== undefined)
      return {
        driver,
        interfaceNumber,
        vendorId,
        productId: await text(folder, "idProduct"),
        manufacturer: await text(folder, "manufacturer"),
        product: await text(folder, "product"),
        serialNumber: await text(folder, "serial"),
      };
    folder = dirname(folder);
  }
  return { driver };
}

/** Since Linux 6.5 two drivers of the serial core stand between a UART and its own driver. */
const coreDrivers: readonly string[] = ["port", "ctrl"];

async function driverOf(folder: string): Promise<string | undefined> {
  const link = await readlink(join(folder, "driver")).catch(() => undefined);
  const name = link === undefined ? undefined : basename(link);
  return name === undefined || coreDrivers.includes(name) ? undefined : name;
}

async function text(folder: string, file: string): Promise<string | undefined> {
  const content = await readFile(join(folder, file), "utf8").catch(() => "");
  const trimmed = content.trim();
  return trimmed === "" ? undefined : trimmed;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
