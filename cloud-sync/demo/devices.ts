import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { startReaderSimulator } from "../../drivers/rfid/simulator.ts";
import { TagField } from "../../drivers/rfid/tag-field.ts";
import { mtSics } from "../../drivers/scale/mt-sics.ts";
import { startScaleSimulator } from "../../drivers/scale/simulator.ts";
import { palletAt } from "./gate.ts";
import { nextSecond, noise, type Room, type RoomSettings, startRoom } from "./rooms.ts";
import { pieceGrams, shelfAt } from "./shelf.ts";

/**
 * The first door opens soon and for long: whoever starts the demo sees a pre-alarm, an alarm with an excursion, its
 * escalation and its recovery within two minutes. The second door warms its room as far as the pre-alarm.
 */
const rooms: readonly RoomSettings[] = [
  { setpoint: 4, doorOpensAtS: 8, doorOpenForS: 45, doorPeriodS: 300 },
  { setpoint: 3, doorOpensAtS: 130, doorOpenForS: 17, doorPeriodS: 300 },
];

/** Seconds. */
const outage = { firstS: 190, forS: 25, everyS: 600 };

function hasMains(second: number): boolean {
  return second < outage.firstS || (second - outage.firstS) % outage.everyS >= outage.forS;
}

/** Addresses as they stand in `port:` of a channel. */
export interface DemoDevices {
  readonly rooms: string;
  readonly shelf: string;
  readonly gate: string;
  stop(): Promise<void>;
}

interface Device {
  readonly address: string;
  /** What it shows that many seconds after the start. */
  show(second: number): void;
  stop(): Promise<void>;
}

/** Simulated devices on real sockets, each with a life of its own. */
export async function startDemoDevices(): Promise<DemoDevices> {
  const [coldRooms, shelf, gate] = await Promise.all([startRooms(), startShelf(), startGate()]);
  const devices: readonly Device[] = [coldRooms, shelf, gate];
  let second = 0;
  const timer = setInterval(() => {
    second += 1;
    for (const device of devices) device.show(second);
  }, 1_000);
  return {
    rooms: coldRooms.address,
    shelf: shelf.address,
    gate: gate.address,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(devices.map((device) => device.stop()));
    },
  };
}

/** A Modbus TCP server with two rooms (units 1 and 2, XY-MD02 registers), their doors (3) and the mains relay (4). */
async function startRooms(): Promise<Device> {
  const next = noise(20_260_101);
  let states: readonly Room[] = rooms.map(startRoom);
  const inputs = rooms.map(() => new Map<number, number>());
  const doors = new Map<number, boolean>();
  const power = new Map([[0, true]]);
  const write = () => {
    for (const [index, room] of states.entries()) {
      // XY-MD02: input registers 1 and 2 hold tenths, negative ones in two's complement.
      inputs[index]?.set(1, Math.round(room.temperature * 10) & 0xffff);
      inputs[index]?.set(2, Math.round(room.humidity * 10) & 0xffff);
      doors.set(index, room.doorOpen);
    }
  };
  write();
  const simulator: ModbusSimulator = await startModbusSimulator({
    units: new Map([
      ...inputs.map((input, index) => [index + 1, simulatedUnit({ input })] as const),
      [rooms.length + 1, simulatedUnit({ discrete: doors })] as const,
      [rooms.length + 2, simulatedUnit({ discrete: power })] as const,
    ]),
  });
  return {
    address: simulator.address,
    show: (second) => {
      states = states.map((room, index) => {
        const settings = rooms[index];
        return settings === undefined ? room : nextSecond(room, settings, second, next());
      });
      power.set(0, hasMains(second));
      write();
    },
    stop: () => simulator.stop(),
  };
}

/** A scale that speaks MT-SICS, with a shelf of vials on it. */
async function startShelf(): Promise<Device> {
  const loadAt = (second: number) => {
    const { pieces, moving } = shelfAt(second);
    return { weight: Math.round(pieces * pieceGrams * 10) / 10, unit: "g", moving };
  };
  const { scale, address, stop } = await startScaleSimulator({
    protocol: mtSics,
    load: loadAt(0),
  });
  return { address, stop, show: (second) => scale.set(loadAt(second)) };
}

/** An LLRP reader with antennas on both sides of a gate. */
async function startGate(): Promise<Device> {
  const field = new TagField([], { readsPerSecond: 60 });
  const { address, stop } = await startReaderSimulator({ protocol: "llrp", field });
  return {
    address,
    stop,
    show: (second) => {
      const inGate = new Set(palletAt(second)?.epcs);
      for (const { epc } of field.tags) if (!inGate.has(epc)) field.take(epc);
      for (const [index, epc] of [...inGate].entries())
        field.put({ epc, antenna: 1 + (index % 2), rssiDbm: -48 - (index % 7) * 2 });
    },
  };
}
