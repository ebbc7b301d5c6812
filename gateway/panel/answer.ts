import type { FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { type Language, languageSchema } from "../../config/language/language.ts";
import { panelServerText } from "../../config/language/panel-server.ts";
import type { Log } from "../../drivers/contract.ts";
import { type ErrorCode, RackwatchError } from "../../drivers/errors.ts";
import { StockRefusal } from "../stock/stock-refusal.ts";
import { bodyBytesMax } from "./limits.ts";
import { Refusal, refusals } from "./refusal.ts";

/** Answers an error in the form of `errorSchema`, in the language of whoever asked. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, language }: { readonly log: Log; readonly language: Language },
): FastifyReply {
  if (error instanceof RackwatchError) {
    const { code } = error;
    const spoken = languageOf(request) ?? language;
    const told = error instanceof StockRefusal ? error.told(spoken) : [error.message, error.todo];
    const [message, todo] = told;
    return reply
      .status(statusOf(code))
      .send({ code, message, ...(todo !== undefined && { todo }) });
  }
  const refusal = refusalOf(error);
  const { status, code, say, retryAfterS } = refusal.form;
  if (status === 500) {
    log.error("panel request failed", { method: request.method, url: request.url, error });
  }
  if (retryAfterS !== undefined) reply.header("retry-after", String(retryAfterS));
  const [message, todo] = say(panelServerText[languageOf(request) ?? language].refused);
  return reply.status(status).send({ code, message, todo });
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map((it) =>
      `${it.instancePath.slice(1).replaceAll("/", ".")} ${it.message ?? ""}`.trim(),
    );
    return refusals.invalid(issues.join("; "));
  }
  if (!(error instanceof Error) || !("statusCode" in error)) return refusals.failed();
  const { statusCode, message } = error;
  if (statusCode === 413) return refusals.tooLarge(bodyBytesMax);
  const ofTheClient = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return ofTheClient ? refusals.invalid(message, statusCode) : refusals.failed();
}

function statusOf(code: ErrorCode): number {
  if (code === "alarm/unknown") return 404;
  if (code === "stock/unknown") return 404;
  if (code === "stock/refused") return 409;
  if (code === "config/invalid" || code === "stock/import") return 400;
  if (code === "alarm/reason-required" || code === "alarm/shelf-too-long") return 400;
  if (code === "alarm/not-allowed" || code === "driver/not-writable") return 409;
  if (code.startsWith("driver/")) return 502;
  if (code === "config/unreadable") return 503;
  return code.startsWith("store/") ? 503 : 500;
}

/** The first language that the browser prefers, if it is one of ours. */
function languageOf({ headers }: FastifyRequest): Language | undefined {
  const first = headers["accept-language"]?.split(/[,;-]/)[0]?.trim().toLowerCase();
  return languageSchema.safeParse(first).data;
}
