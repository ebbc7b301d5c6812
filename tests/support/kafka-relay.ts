import { connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Requests of Kafka's protocol by their numbers. */
const [apiMetadata, apiListOffsets, apiFindCoordinator, apiSyncGroup, apiVersions] = [
  3, 2, 10, 14, 18,
];

/** The cluster's answers to version 4 and 5 lack the leader's epoch, which these have: the client cannot read them. */
const listOffsetsVersionMax = 3;

/**
 * The cluster refuses members of a group whose SyncGroup comes after that of their leader (librdkafka 2.0.2: INVALID_REQUEST),
 * where Kafka answers them: the leader's is held so long.
 */
const leaderHeldMs = 200;

export interface KafkaRelay {
  /** `host:port` */
  readonly address: string;
  close(): void;
}

interface Asked {
  readonly api: number;
  readonly version: number;
}

/**
 * Stands before librdkafka's own cluster and makes good where that one is not like Kafka: see the constants. Everything else
 * passes as it is; addresses in answers become the relay's, so that clients stay with it.
 */
export async function relayKafka(target: string): Promise<KafkaRelay> {
  const [host = "", targetPort = ""] = target.split(":");
  const open = new Set<Socket>();
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const theirs = addressBytes(host, Number(targetPort));
  const ours = addressBytes(host, port);
  server.on("connection", (client) => {
    const cluster = connect(Number(targetPort), host);
    const asked = new Map<number, Asked>();
    let order = Promise.resolve();
    eachFrame(client, (frame) => {
      asked.set(frame.readInt32BE(8), { api: frame.readInt16BE(4), version: frame.readInt16BE(6) });
      const held = isLeaderSync(frame) ? leaderHeldMs : 0;
      order = order.then(async () => {
        if (held > 0) await pause(held);
        cluster.write(frame);
      });
    });
    eachFrame(cluster, (frame) => {
      const question = asked.get(frame.readInt32BE(4));
      asked.delete(frame.readInt32BE(4));
      if (question?.api === apiVersions) capVersions(frame, question.version);
      if (question?.api === apiMetadata || question?.api === apiFindCoordinator) {
        for (let at = frame.indexOf(theirs); at !== -1; at = frame.indexOf(theirs, at + 1)) {
          ours.copy(frame, at);
        }
      }
      client.write(frame);
    });
    for (const [one, other] of [
      [client, cluster],
      [cluster, client],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  const close = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { address: `${host}:${port}`, close };
}

/** Frames with their 4 bytes of length. */
function eachFrame(socket: Socket, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 4) {
      const length = rest.readInt32BE(0) + 4;
      if (rest.length < length) return;
      take(Buffer.from(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
  });
}

function addressBytes(host: string, port: number): Buffer {
  const bytes = Buffer.alloc(host.length + 6);
  bytes.writeInt16BE(host.length);
  bytes.write(host, 2);
  bytes.writeInt32BE(port, 2 + host.length);
  return bytes;
}

/** Of answers without tagged fields: the cluster speaks no later version. Length, correlation and error come first. */
function capVersions(frame: Buffer, version: number): void {
  if (version > 2 || frame.readInt16BE(8) !== 0) return;
  const count = frame.readInt32BE(10);
  for (let index = 0; index < count; index += 1) {
    const at = 14 + index * 6;
    if (frame.readInt16BE(at) === apiListOffsets) {
      frame.writeInt16BE(listOffsetsVersionMax, at + 4);
    }
  }
}

/** A SyncGroup (version 3) that says who gets what: client, group, generation, member, instance, then the list. */
function isLeaderSync(frame: Buffer): boolean {
  if (frame.readInt16BE(4) !== apiSyncGroup) return false;
  let at = 12;
  const skipText = () => {
    at += 2 + Math.max(0, frame.readInt16BE(at));
  };
  skipText();
  skipText();
  at += 4;
  skipText();
  skipText();
  return frame.readInt32BE(at) > 0;
}
