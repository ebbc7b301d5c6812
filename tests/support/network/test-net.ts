import { randomInt } from "node:crypto";

/** A net (/29) that no machine is reached by: 198.18.0.0/15 is set aside for tests of networks (RFC 2544). */
export function testNet(): { readonly id: number; readonly near: string; readonly far: string } {
  const id = randomInt(1, 16_000);
  const net = `198.${18 + (id >> 13)}.${(id >> 5) & 255}`;
  const host = (id & 31) * 8;
  return { id, near: `${net}.${host + 1}`, far: `${net}.${host + 2}` };
}
