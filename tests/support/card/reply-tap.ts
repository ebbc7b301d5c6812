import http from "node:http";
import { freePort } from "../spine.ts";

/** What central said to one request. */
export interface Reply {
  readonly path: string;
  readonly status: number;
  readonly retryAfter: string | null;
}

export interface ReplyTap extends AsyncDisposable {
  readonly address: string;
  readonly replies: readonly Reply[];
}

/** Stands between agent and central and keeps what central said. */
export async function tapReplies(target: string): Promise<ReplyTap> {
  const replies: Reply[] = [];
  const server = http.createServer((request, response) => {
    const { method, headers, url: path = "/" } = request;
    const onward = http.request(new URL(path, target), { method, headers }, (reply) => {
      const { statusCode: status = 0 } = reply;
      replies.push({ path, status, retryAfter: reply.headers["retry-after"] ?? null });
      response.writeHead(status, reply.headers);
      reply.pipe(response);
    });
    onward.on("error", () => request.socket.destroy());
    request.pipe(onward);
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  return {
    address: `http://127.0.0.1:${port}`,
    replies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
