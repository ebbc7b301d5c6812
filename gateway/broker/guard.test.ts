import { type Duplex, duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import { GuardError, GuardedConnection } from "./guard.ts";
import { TokenBucket } from "./token-bucket.ts";

const connect = Buffer.from([0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 1, 97]);

function open(packetBytesMax = 65_536, backlogBytesMax = 1_000, perSecond = 1_000) {
  const [peer, socket]: readonly [Duplex, Duplex] = duplexPair();
  const clock = new ManualClock();
  const bucket = new TokenBucket({ perSecond, burst: 5 }, clock.monotonicMs());
  const guard = new GuardedConnection(socket, {
    packetBytesMax,
    backlogBytesMax,
    clock,
    buckets: [bucket],
    address: "::1",
  });
  const seen: Buffer[] = [];
  let reason: string | undefined;
  guard.on("data", (bytes: Buffer) => seen.push(bytes));
  guard.on("error", (error) => {
    reason = error instanceof GuardError ? error.reason : error.message;
  });
  peer.on("error", () => undefined);
  return {
    peer,
    socket,
    guard,
    clock,
    get passed() {
      return Buffer.concat(seen);
    },
    get reason() {
      return reason;
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await turn();
}

const publish = (bytes: number) =>
  Buffer.concat([Buffer.from([0x30, bytes + 3, 0, 1, 0x74]), Buffer.alloc(bytes)]);

test("only CONNECT passes before the login, the rest after it and whole", async () => {
  const it = open();
  it.peer.write(Buffer.concat([connect, publish(10), publish(20)]));
  await settle();
  expect(it.passed).toEqual(connect);
  it.guard.admit();
  await settle();
  expect(it.passed).toEqual(Buffer.concat([connect, publish(10), publish(20)]));
});

test("a CONNECT that comes byte by byte passes as sent", async () => {
  const it = open();
  for (const byte of connect) it.peer.write(Buffer.from([byte]));
  await settle();
  expect(it.passed).toEqual(connect);
});

test.each([
  ["a first packet that is no CONNECT", [0x30, 0x02], "not-mqtt"],
  ["an HTTP request", [...Buffer.from("GET / HTTP/1.1\r\n")], "not-mqtt"],
  ["a CONNECT of 5 kB", [0x10, 0x88, 0x27], "packet-too-large"],
  ["a length of five bytes", [0x10, 0xff, 0xff, 0xff, 0xff, 0x01], "malformed-length"],
])("%s ends the connection before aedes sees it", async (_, bytes, reason) => {
  const it = open();
  it.peer.write(Buffer.from(bytes));
  await settle();
  expect(it.reason).toBe(reason);
  expect(it.guard.destroyed).toBe(true);
});

test("a packet over the limit ends the connection at its announcement, one at the limit passes", async () => {
  const it = open(2_048);
  it.peer.write(connect);
  await settle();
  it.guard.admit();
  const atLimit = Buffer.concat([Buffer.from([0x30, 0x80, 0x10]), Buffer.alloc(2_048)]);
  it.peer.write(atLimit);
  await settle();
  expect(it.passed.length).toBe(connect.length + atLimit.length);
  it.peer.write(Buffer.from([0x30, 0x81, 0x10]));
  await settle();
  expect(it.reason).toBe("packet-too-large");
  expect(it.passed.length).toBe(connect.length + atLimit.length);
});

test("a sender over its rate is slowed down, and nothing of it is lost", async () => {
  const it = open(65_536, 1_000, 10);
  it.peer.write(connect);
  await settle();
  it.guard.admit();
  const sent = Array.from({ length: 12 }, () => publish(4));
  it.peer.write(Buffer.concat(sent));
  await settle();
  expect(it.passed.length).toBeLessThan(connect.length + 7 * publish(4).length);
  await it.clock.advance(300);
  await settle();
  expect(it.passed.length).toBeLessThan(connect.length + 10 * publish(4).length);
  await it.clock.advance(1_000);
  await settle();
  expect(it.passed).toEqual(Buffer.concat([connect, ...sent]));
});

test("a subscriber that does not read is closed at the backlog limit, and says full only then", async () => {
  const it = open(65_536, 50_000);
  it.peer.pause();
  const answers: boolean[] = [];
  while (!it.guard.destroyed && answers.length < 1_000)
    answers.push(it.guard.write(Buffer.alloc(1_000)));
  await settle();
  expect(it.reason).toBe("backlog-full");
  expect(answers.slice(0, -1).every(Boolean)).toBe(true);
  expect(answers.length).toBeLessThan(55);
});

test("closing the guard closes the socket and ends its waiting", async () => {
  const it = open(65_536, 1_000, 1);
  it.peer.write(connect);
  await settle();
  it.guard.admit();
  it.peer.write(Buffer.concat(Array.from({ length: 9 }, () => publish(1))));
  await settle();
  expect(it.clock.sleeping).toBe(1);
  it.guard.destroy();
  await settle();
  expect(it.clock.sleeping).toBe(0);
  expect(it.socket.destroyed).toBe(true);
});
