import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { RackwatchError } from "../../drivers/errors.ts";
import { batchCompressedBytesMax, type Refusal, type RefusalCode } from "../protocol.ts";
import { databaseRetryMs } from "./database-link.ts";
import { busyRetryMs } from "./pressure.ts";
import { BodyError } from "./request-body.ts";

export interface Refused {
  readonly status: number;
  readonly refusal: Refusal;
  /** Something that whoever runs central must look at. */
  readonly unexpected: boolean;
}

/** Thrown by a route or hook to answer with a code of the protocol. */
export class RefusalError extends Error {
  readonly status: number;
  readonly refusal: Refusal;
  constructor(status: number, refusal: Refusal) {
    super(refusal.message);
    this.status = status;
    this.refusal = refusal;
  }
}

const known = (status: number, code: RefusalCode, message: string): Refused => ({
  status,
  refusal: { code, message },
  unexpected: false,
});

/** The answer to whatever went wrong in a request. */
export function refusalOf(error: unknown): Refused {
  if (error instanceof RefusalError) {
    return { status: error.status, refusal: error.refusal, unexpected: false };
  }
  if (error instanceof BodyError) {
    return error.tooLarge
      ? known(413, "too-large", error.message)
      : known(400, "bad-request", error.message);
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [issue] = error.validation;
    const path = issue?.instancePath.replaceAll("/", ".").slice(1) || "the body";
    return known(400, "bad-request", `${path}: ${issue?.message ?? "not valid"}`);
  }
  const isGone = (code: string) => code === "central/database" || code === "central/log";
  if (error instanceof RackwatchError && isGone(error.code)) {
    const { message, todo } = error;
    const refusal: Refusal = { code: "database", message, retryAfterMs: databaseRetryMs };
    return {
      status: 503,
      refusal: todo === undefined ? refusal : { ...refusal, todo },
      unexpected: false,
    };
  }
  if (error instanceof RackwatchError && error.code === "central/busy") {
    const { message } = error;
    const refusal: Refusal = { code: "busy", message, retryAfterMs: busyRetryMs };
    return { status: 429, refusal, unexpected: false };
  }
  return ofFastify(error);
}

function ofFastify(error: unknown): Refused {
  const status = statusOf(error);
  if (status === 413) {
    return known(413, "too-large", `more than ${batchCompressedBytesMax} bytes`);
  }
  if (status !== undefined && status < 500 && error instanceof Error) {
    return known(status, "bad-request", error.message);
  }
  const refusal: Refusal = { code: "internal", message: "central failed; its log says why" };
  return { status: 500, refusal, unexpected: true };
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}
