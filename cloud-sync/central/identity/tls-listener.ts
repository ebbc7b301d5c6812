import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Server as HttpServer, RequestListener } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { Log } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";

/** PEM files; the certificate with those that lead to its authority. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Whoever connects and does not get done with TLS is hung up on. */
const handshakeMs = 10_000;

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Central's HTTPS servers: one a listening address. */
export class TlsListener {
  readonly #files: TlsFiles;
  readonly #authorityPem: string;
  readonly #log: Log;
  readonly #servers: Server[] = [];
  #pair: Pair;
  #problem: string | undefined;

  /** @throws RackwatchError `central/listen`: the files are not there, or do not belong together. */
  constructor(files: TlsFiles, authorityPem: string, log: Log) {
    this.#files = files;
    this.#authorityPem = authorityPem;
    this.#log = log;
    this.#pair = readPair(files);
  }

  /** A certificate of the client is asked for, not demanded: gateways with a token and people have none. */
  server(listener: RequestListener, http: ServerOptions): HttpServer {
    const server = createServer(
      {
        ...http,
        ...this.#context(),
        handshakeTimeout: handshakeMs,
        requestCert: true,
        // Judged request by request (caller.ts), so that whoever is refused is told why.
        rejectUnauthorized: false,
      },
      listener,
    );
    this.#servers.push(server);
    return server;
  }

  /** Takes over files that were changed, for connections from now on; wrong ones are said once and not taken. */
  reload(): void {
    try {
      const pair = readPair(this.#files);
      this.#problem = undefined;
      if (pair.cert === this.#pair.cert && pair.key === this.#pair.key) return;
      this.#pair = pair;
      for (const server of this.#servers) server.setSecureContext(this.#context());
      this.#log.info("central's certificate was renewed", { file: this.#files.certFile });
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      if (this.#problem === error.message) return;
      this.#problem = error.message;
      this.#log.error("central's certificate", { message: error.message, where: error.where });
    }
  }

  #context() {
    return { ...this.#pair, ca: [this.#authorityPem], minVersion: "TLSv1.2" as const };
  }
}

function readPair({ certFile, keyFile }: TlsFiles): Pair {
  const pair = { cert: read(certFile), key: read(keyFile) };
  try {
    if (new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key))) return pair;
  } catch (cause) {
    throw failure("is no certificate with its key", certFile, cause);
  }
  throw failure("does not belong to the key", certFile);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw failure("cannot be read", file, cause);
  }
}

function failure(what: string, where: string, cause?: unknown): RackwatchError {
  return new RackwatchError("central/listen", `central's certificate ${what}`, {
    where,
    todo: "give both as PEM files with --tls-cert and --tls-key",
    cause,
  });
}
