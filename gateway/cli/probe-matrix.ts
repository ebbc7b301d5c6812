import { toolsText } from "../../config/language/tools.ts";
import type { ChannelConfig } from "../../config/schema/config.ts";
import type { Driver } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { toHex } from "../../drivers/hex.ts";
import { modbus } from "../../drivers/modbus/driver.ts";
import { type MatrixCell, matrixOf } from "../../drivers/modbus/matrix.ts";
import type { ModbusChannel, ModbusPoint } from "../../drivers/modbus/schema.ts";
import { exitCodes } from "./command.ts";
import { ProbeRecord } from "./probe-record.ts";
import { contextOf, type Show } from "./probe-show.ts";
import type { ProbeTarget } from "./probe-target.ts";
import { table } from "./table.ts";

/** Registers that are asked for, the most first: what a 64-bit value has, then what a device may refuse to exceed. */
const widths = [4, 2, 1] as const;

/** The registers of a device's points as every type in every order. @throws RackwatchError `driver/...`. */
export async function showMatrix(target: ProbeTarget, show: Show): Promise<void> {
  const { io, isJson, language } = show;
  const { device, point } = target;
  const channel = modbusChannel(target.driver, target.channel);
  const settings = channel.devices[device];
  const all = Object.entries(settings?.points ?? {});
  const asked = all.filter(([name, { table: kind }]) => {
    return (kind === "input" || kind === "holding") && (point === undefined || name === point);
  });
  if (asked.length === 0)
    throw new RackwatchError("config/invalid", "There is no register to look at", {
      where: device,
      todo: "Name a point that reads an input or holding register",
    });
  let isWell = true;
  for (const [name, place] of asked) {
    const bytes = await readRegisters(channel, device, place, show);
    isWell &&= typeof bytes !== "string";
    const key = `${device}/${name}`;
    const cells = typeof bytes === "string" ? [] : matrixOf(bytes, withOrder(place, settings));
    const hex = typeof bytes === "string" ? bytes : toHex(bytes);
    const title = toolsText[language].matrix(key, place.table, place.address, hex);
    const fields = { event: "matrix", point: key, table: place.table, address: place.address };
    const rest = typeof bytes === "string" ? { reason: bytes } : { hex, cells };
    io.stdout.write(
      isJson ? `${JSON.stringify({ ...fields, ...rest })}\n` : `${textOf(title, cells)}\n`,
    );
  }
  if (!isJson) io.stdout.write(`${toolsText[language].matrixMarks}\n`);
  io.setExitCode(isWell ? exitCodes.ok : exitCodes.problems);
}

/** @throws RackwatchError `config/invalid`. */
function modbusChannel(driver: Driver, channel: ChannelConfig): ModbusChannel {
  if (isModbus(driver, channel)) return channel;
  throw new RackwatchError("config/invalid", `A ${driver.name} device has no registers`, {
    todo: "--matrix is for Modbus",
  });
}

/** What passed the check of a driver is a channel of that driver. */
function isModbus(driver: Driver, channel: unknown): channel is ModbusChannel {
  return driver.name === modbus.name && channel !== undefined;
}

/** A point whose order stands on its device is marked in that one. */
function withOrder(place: ModbusPoint, device: ModbusChannel["devices"][string] | undefined) {
  const isWide = place.type !== undefined && !place.type.endsWith("16");
  const order = place.order ?? (isWide ? device?.byteOrder : undefined);
  return { ...place, ...(order === undefined ? {} : { order }) };
}

/** Through the driver, which is asked for single registers; what it says is wrong when none can be read. */
async function readRegisters(
  channel: ModbusChannel,
  device: string,
  place: ModbusPoint,
  show: Show,
): Promise<Uint8Array | string> {
  const settings = channel.devices[device];
  let reason = "timeout";
  if (settings === undefined) return reason;
  for (const width of widths) {
    const points = Array.from({ length: width }, (_, at): [string, ModbusPoint] => [
      `r${at}`,
      { table: place.table, address: place.address + at, type: "uint16", access: "read" },
    ]);
    const one = { ...settings, points: Object.fromEntries(points) };
    const read = await readOnce({ ...channel, devices: { [device]: one } }, width, show);
    if (typeof read !== "string") return read;
    reason = read;
    if (reason === "timeout" || show.ended.aborted) break;
  }
  return reason;
}

async function readOnce(
  channel: ModbusChannel,
  width: number,
  show: Show,
): Promise<Uint8Array | string> {
  const context = contextOf(show, new ProbeRecord([]));
  await using session = await modbus.open(channel, context, show.ended);
  const bytes = new Uint8Array(width * 2);
  const view = new DataView(bytes.buffer);
  const missing = new Set(Array.from({ length: width }, (_, at) => `r${at}`));
  for await (const samples of session.samples()) {
    for (const sample of samples) {
      const name = sample.point.slice(sample.point.indexOf("/") + 1);
      if (sample.quality === "bad") return sample.reason;
      view.setUint16(Number(name.slice(1)) * 2, Number(sample.value));
      missing.delete(name);
    }
    if (missing.size === 0) return bytes;
  }
  return "timeout";
}

function textOf(title: string, cells: readonly MatrixCell[]): string {
  const rows = cells.map(({ type, order, value, reason, scaled, isPlausible, isConfigured }) => [
    `${isConfigured ? ">" : " "}${isPlausible ? "*" : " "}`,
    type,
    order,
    value === undefined ? `- (${reason ?? ""})` : String(value),
    scaled === undefined ? "" : `= ${scaled}`,
  ]);
  return [title, ...table(rows)].join("\n");
}
