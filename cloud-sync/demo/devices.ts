import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { nextSecond, noise, type Room, type RoomSettings, startRoom } from "./rooms.ts";

/** The first door opens soon, so that whoever starts the demo sees an alarm within a minute. */
const rooms: readonly RoomSettings[] = [
  { setpoint: 4, doorOpensAtS: 8, doorOpenForS: 45, doorPeriodS: 180 },
  { setpoint: 3, doorOpensAtS: 100, doorOpenForS: 12, doorPeriodS: 240 },
];

export interface DemoDevices {
  /** As it stands in `port:` of a channel. */
  readonly address: string;
  stop(): Promise<void>;
}

/** A Modbus TCP unit on a real socket with two rooms (units 1 and 2, XY-MD02 registers) and their doors (unit 3). */
export async function startDemoDevices(): Promise<DemoDevices> {
  const next = noise(20_260_101);
  let states: readonly Room[] = rooms.map(startRoom);
  const inputs = rooms.map(() => new Map<number, number>());
  const doors = new Map<number, boolean>();
  let second = 0;
  const show = () => {
    for (const [index, room] of states.entries()) {
      // XY-MD02: input registers 1 and 2 hold tenths, negative ones in two's complement.
      inputs[index]?.set(1, Math.round(room.temperature * 10) & 0xffff);
      inputs[index]?.set(2, Math.round(room.humidity * 10) & 0xffff);
      doors.set(index, room.doorOpen);
    }
  };
  show();
  const simulator: ModbusSimulator = await startModbusSimulator({
    units: new Map([
      ...inputs.map((input, index) => [index + 1, simulatedUnit({ input })] as const),
      [rooms.length + 1, simulatedUnit({ discrete: doors })] as const,
    ]),
  });
  const timer = setInterval(() => {
    second += 1;
    states = states.map((room, index) => {
      const settings = rooms[index];
      return settings === undefined ? room : nextSecond(room, settings, second, next());
    });
    show();
  }, 1_000);
  return {
    address: simulator.address,
    stop: () => {
      clearInterval(timer);
      return simulator.stop();
    },
  };
}
