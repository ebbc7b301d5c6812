/** Memory of a simulated unit. An address that is not in it is refused, as by a real device. */
export interface SimulatedUnit {
  readonly input: Map<number, number>;
  readonly holding: Map<number, number>;
  readonly coils: Map<number, boolean>;
  readonly discrete: Map<number, boolean>;
}

export function simulatedUnit(initial: Partial<SimulatedUnit> = {}): SimulatedUnit {
  return {
    input: new Map(),
    holding: new Map(),
    coils: new Map(),
    discrete: new Map(),
    ...initial,
  };
}

/** What a unit answers to a request, both without unit id and CRC. */
export function serve(unit: SimulatedUnit, request: Uint8Array): Uint8Array {
  const code = request[0] ?? 0;
  const address = word(request, 1);
  const count = word(request, 3);
  switch (code) {
    case 1:
      return readBits(code, unit.coils, address, count);
    case 2:
      return readBits(code, unit.discrete, address, count);
    case 3:
      return readRegisters(code, unit.holding, address, count);
    case 4:
      return readRegisters(code, unit.input, address, count);
    case 5:
      return write(request, unit.coils, address, [count === 0xff00]);
    case 6:
      return write(request, unit.holding, address, [count]);
    case 15:
      return write(request, unit.coils, address, bitsOf(request.subarray(6), count));
    case 16:
      return write(request, unit.holding, address, wordsOf(request.subarray(6), count));
    default:
      return refuse(code, 1);
  }
}

/** An exception answer without unit id and CRC. */
export function refuse(code: number, exception: number): Uint8Array {
  return Uint8Array.of(code | 0x80, exception);
}

function readRegisters(
  code: number,
  table: ReadonlyMap<number, number>,
  address: number,
  count: number,
): Uint8Array {
  if (count < 1 || count > 125) return refuse(code, 3);
  const answer = new Uint8Array(2 + count * 2);
  answer.set([code, count * 2]);
  for (let index = 0; index < count; index += 1) {
    const value = table.get(address + index);
    if (value === undefined) return refuse(code, 2);
    answer.set([(value >> 8) & 0xff, value & 0xff], 2 + index * 2);
  }
  return answer;
}

function readBits(
  code: number,
  table: ReadonlyMap<number, boolean>,
  address: number,
  count: number,
): Uint8Array {
  if (count < 1 || count > 2_000) return refuse(code, 3);
  const answer = new Uint8Array(2 + Math.ceil(count / 8));
  answer.set([code, Math.ceil(count / 8)]);
  for (let index = 0; index < count; index += 1) {
    const isOn = table.get(address + index);
    if (isOn === undefined) return refuse(code, 2);
    const at = 2 + Math.floor(index / 8);
    answer[at] = (answer[at] ?? 0) | (Number(isOn) << (index % 8));
  }
  return answer;
}

function write<T>(
  request: Uint8Array,
  table: Map<number, T>,
  address: number,
  values: readonly T[],
): Uint8Array {
  const code = request[0] ?? 0;
  if (values.some((_, index) => !table.has(address + index))) return refuse(code, 2);
  for (const [index, value] of values.entries()) table.set(address + index, value);
  return request.slice(0, 5);
}

function bitsOf(bytes: Uint8Array, count: number): readonly boolean[] {
  return Array.from({ length: count }, (_, index) => {
    return (((bytes[Math.floor(index / 8)] ?? 0) >> (index % 8)) & 1) === 1;
  });
}

function wordsOf(bytes: Uint8Array, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => word(bytes, index * 2));
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
