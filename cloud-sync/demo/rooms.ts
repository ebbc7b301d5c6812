/** Two cold rooms as the demo's device sees them: simple physics, no randomness that a seed does not give. */

export interface Room {
  readonly temperature: number;
  readonly humidity: number;
  readonly doorOpen: boolean;
}

export interface RoomSettings {
  /** Degrees Celsius that the refrigeration holds. */
  readonly setpoint: number;
  /** Seconds after the start at which the door opens for the first time; absent: it stays closed. */
  readonly doorOpensAtS?: number;
  readonly doorOpenForS: number;
  /** Seconds from one opening to the next. */
  readonly doorPeriodS: number;
}

/** Degrees Celsius and percent outside the rooms. */
const outside = { temperature: 22, humidity: 60 };

/** Share of the difference that one second of open door, or of refrigeration, takes away. */
const exchange = { door: 0.025, cooling: 0.03 };

export function startRoom({ setpoint }: RoomSettings): Room {
  return { temperature: setpoint, humidity: 45, doorOpen: false };
}

/** The room one second later; `second` counts from the start, `noise` lies between -1 and 1. */
export function nextSecond(
  room: Room,
  settings: RoomSettings,
  second: number,
  noise: number,
): Room {
  const doorOpen = isOpen(settings, second);
  const towards = doorOpen ? outside : { temperature: settings.setpoint, humidity: 45 };
  const share = doorOpen ? exchange.door : exchange.cooling;
  return {
    temperature: room.temperature + (towards.temperature - room.temperature) * share + noise * 0.03,
    humidity: room.humidity + (towards.humidity - room.humidity) * share + noise * 0.1,
    doorOpen,
  };
}

function isOpen(
  { doorOpensAtS, doorOpenForS, doorPeriodS }: RoomSettings,
  second: number,
): boolean {
  if (doorOpensAtS === undefined || second < doorOpensAtS) return false;
  return (second - doorOpensAtS) % doorPeriodS < doorOpenForS;
}

/** Mulberry32: small, seeded, good enough for noise. Each call of the result gives a number in [-1, 1). */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * 2 - 1;
  };
}
