import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { startReaderSimulator } from "../../drivers/rfid/simulator.ts";
import { TagField } from "../../drivers/rfid/tag-field.ts";
import { mtSics } from "../../drivers/scale/mt-sics.ts";
import { startScaleSimulator } from "../../drivers/scale/simulator.ts";
import { palletAt } from "./gate.ts";
import { nextSecond, noise, type Room, type RoomSettings, startRoom } from "./rooms.ts";
import { nextShelf, startShelf } from "./shelf.ts";
import { shelfPlans } from "./shelf-plans.ts";
import { taggedShelf, tagsOf } from "./tags.ts";

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
  /** Of each shelf. */
  readonly scales: Readonly<Record<string, string>>;
  /** The reader that sees a shelf's tags. */
  readonly tags: string;
  readonly gate: string;
  stop(): Promise<void>;
}

interface Device {
  readonly address: string;
  /** What it shows that many seconds after the start. */
  show(second: number): void;
  stop(): Promise<void>;
}

/**
 * Simulated devices on real sockets, each with a life of its own.
 * @param open When the store opens: until then the shelves swing, so that nobody knows what lies there, and no pallet comes.
 */
export async function startDemoDevices(open: Promise<void>): Promise<DemoDevices> {
  const [coldRooms, rack, gate] = await Promise.all([startRooms(), startRack(), startGate()]);
  let second = 0;
  let openedS = Number.POSITIVE_INFINITY;
  void open.then(() => {
    openedS = second;
  });
  const timer = setInterval(() => {
    second += 1;
    coldRooms.show(second);
    if (second <= openedS) return;
    rack.show(second - openedS);
    gate.show(second - openedS);
  }, 1_000);
  return {
    rooms: coldRooms.address,
    scales: rack.scales,
    tags: rack.tags,
    gate: gate.address,
    stop: async () => {
      clearInterval(timer);
      await Promise.all([coldRooms, rack, gate].map((device) => device.stop()));
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

/** A scale that speaks MT-SICS below each shelf, and a reader that sees the tags on one of them. */
async function startRack() {
  const random = noise(20_260_102);
  const field = new TagField([], { readsPerSecond: 80 });
  const reader = await startReaderSimulator({ protocol: "llrp", field });
  const shelves = await Promise.all(
    shelfPlans.map(async (plan) => {
      const before = startShelf(plan);
      const load = { weight: before.grams, unit: "g", moving: true };
      return { plan, shelf: before, ...(await startScaleSimulator({ protocol: mtSics, load })) };
    }),
  );
  const showTags = (pieces: number) => {
    const there = new Set(tagsOf(pieces));
    for (const { epc } of field.tags) if (!there.has(epc)) field.take(epc);
    for (const epc of there) field.put({ epc, antenna: 1, rssiDbm: -52 });
  };
  return {
    scales: Object.fromEntries(shelves.map(({ plan, address }) => [plan.shelf, address])),
    tags: reader.address,
    show: (second: number) => {
      for (const it of shelves) {
        it.shelf = nextShelf(it.shelf, it.plan, second, random);
        const { grams, moving, pieces } = it.shelf;
        it.scale.set({ weight: grams, moving });
        if (it.plan.shelf === taggedShelf) showTags(pieces[0] ?? 0);
      }
    },
    stop: async () => {
      await Promise.all([reader.stop(), ...shelves.map((it) => it.stop())]);
    },
  };
}

/** An LLRP reader with antennas on both sides of a gate. */
async function startGate(): Promise<Device> {
  const field = new TagField([], { readsPerSecond: 120 });
  const { address, stop } = await startReaderSimulator({ protocol: "llrp", field });
  return {
    address,
    stop,
    show: (second) => {
      const pallet = palletAt(second);
      const inGate = new Set(pallet?.epcs);
      for (const { epc } of field.tags) if (!inGate.has(epc)) field.take(epc);
      if (pallet === undefined) return;
      const { epcs, side, rssiDbm } = pallet;
      for (const [index, epc] of epcs.entries()) {
        field.put({ epc, antenna: side === "inside" ? 2 : 1, rssiDbm: rssiDbm - (index % 4) });
      }
    },
  };
}
