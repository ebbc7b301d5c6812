import { once } from "node:events";
import http from "node:http";
import { z } from "zod";

/** One message as it arrived. */
export interface Arrived {
  readonly path: string;
  readonly id: string;
  /** Of the push, without its epoch. */
  readonly push: string;
  readonly receiver: string;
  readonly kind: string;
  readonly alarm?: string | undefined;
}

export interface PushReceiver extends AsyncDisposable {
  readonly url: string;
  readonly arrived: readonly Arrived[];
  /** What it answers now. */
  status: number;
  delayMs: number;
}

const bodySchema = z.object({
  data: z.object({
    id: z.string(),
    receiver: z.string(),
    kind: z.string(),
    alarm: z.string().optional(),
  }),
});

/** A webhook's server that keeps what arrived. */
export async function startPushReceiver(): Promise<PushReceiver> {
  const arrived: Arrived[] = [];
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { data } = bodySchema.parse(JSON.parse(Buffer.concat(parts).toString()));
      arrived.push({ path: request.url ?? "", push: data.id.replace(/^[^-]*-/, ""), ...data });
      setTimeout(() => response.writeHead(receiver.status).end(), receiver.delayMs);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const receiver: PushReceiver = {
    url: `http://127.0.0.1:${port}`,
    arrived,
    status: 204,
    delayMs: 0,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return receiver;
}
