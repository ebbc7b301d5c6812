import { once } from "node:events";
import type { Server } from "node:net";
import type { Language } from "../../config/language/language.ts";
import { panelServerText } from "../../config/language/panel-server.ts";
import { RackwatchError } from "../../drivers/errors.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:1883`, `[::1]:1883`, `0.0.0.0:1883`: the configuration's schema has checked the form. */
export function parseListen(listen: string): ListenAddress {
  const colon = listen.lastIndexOf(":");
  return {
    host: listen.slice(0, colon).replace(/^\[|\]$/g, ""),
    port: Number(listen.slice(colon + 1)),
  };
}

function formatAddress({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Resolves to the address that was bound (port 0 becomes a real one). @throws the system's error. */
export async function listenOn(server: Server, { host, port }: ListenAddress): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const bound = server.address();
  return formatAddress({ host, port: typeof bound === "object" ? (bound?.port ?? port) : port });
}

type ListenProblem = "in-use" | "not-permitted" | "no-such-address" | "failed";

/** The error of `listenOn` as a sentence with what to do. */
export function listenError(
  part: "broker" | "panel",
  listen: string,
  error: unknown,
  language: Language,
): RackwatchError {
  const text = panelServerText[language].listen;
  const { port } = parseListen(listen);
  const sentences: Readonly<Record<ListenProblem, readonly [string, string]>> = {
    "in-use": [text.inUse(text[part], listen), text.inUseTodo(port)],
    "not-permitted": [text.notPermitted(text[part], listen), text.notPermittedTodo],
    "no-such-address": [text.noSuchAddress(text[part], listen), text.noSuchAddressTodo],
    failed: [text.failed(text[part], listen), text.failedTodo],
  };
  const [message, todo] = sentences[listenProblem(error)];
  return new RackwatchError(`${part}/listen`, message, { where: listen, todo, cause: error });
}

function listenProblem(error: unknown): ListenProblem {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "in-use";
  if (code === "EACCES" || code === "EPERM") return "not-permitted";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return "no-such-address";
  }
  return "failed";
}

/** Whether a peer's address is of this machine. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
