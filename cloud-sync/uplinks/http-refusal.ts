import type { SyncText } from "../../config/language/sync.ts";
import { type Refusal, refusalSchema } from "../protocol.ts";
import { UplinkError } from "./uplink.ts";

/** Longest that another side may ask to be left alone: beyond it a wrong header would silence a gateway for weeks. */
const retryAfterMsMax = 3_600_000;

interface Answer {
  readonly status: number;
  /** Parsed JSON; undefined when it was none. */
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
}

/** What an answer other than 200 means. Central says it in its body; proxies before it only by status. */
export function refusalError(answer: Answer, where: string, text: SyncText): UplinkError {
  const parsed = refusalSchema.safeParse(answer.body);
  const refusal = parsed.success ? parsed.data : undefined;
  const waitMs = refusal?.retryAfterMs ?? answer.retryAfterMs;
  const fields = {
    where,
    status: answer.status,
    ...(refusal === undefined ? {} : { refusal: refusal.code }),
    ...(waitMs === undefined ? {} : { retryAfterMs: Math.min(waitMs, retryAfterMsMax) }),
    ...(refusal?.mark === undefined ? {} : { mark: refusal.mark }),
  };
  const error = (
    code: UplinkError["code"],
    { message, todo }: { readonly message: string; readonly todo: string },
    more: { readonly badRows?: boolean } = {},
  ) => new UplinkError(code, message, { ...fields, ...more, todo });
  switch (answer.status) {
    case 401:
    case 403:
      return error("sync/unauthorized", refusedAccess(refusal, where, text));
    case 413:
      return error("sync/too-large", text.tooLarge(where));
    case 429:
    case 503:
      return error("sync/busy", text.busy(where));
    default:
  }
  if (answer.status >= 500)
    return error("sync/server-error", text.serverError(where, answer.status));
  if (refusal === undefined) return error("sync/not-central", text.notCentral(where));
  return ofRefusal(refusal, where, text, error);
}

/** Why central does not let this gateway in. */
function refusedAccess(refusal: Refusal | undefined, where: string, text: SyncText) {
  const { code, message } = refusal ?? { code: undefined, message: "" };
  if (code === "revoked") return text.access.revoked(where, message);
  if (code === "certificate-expired") return text.access.expired(where, message);
  if (code === "certificate-foreign") return text.access.foreign(where);
  return text.unauthorized(where);
}

function ofRefusal(
  refusal: Refusal,
  where: string,
  text: SyncText,
  error: (
    code: UplinkError["code"],
    says: { readonly message: string; readonly todo: string },
    more?: { readonly badRows?: boolean },
  ) => UplinkError,
): UplinkError {
  const { code, message } = refusal;
  if (code === "conflict" || code === "epoch-fenced") {
    return error("sync/conflict", text.conflict(where, message));
  }
  if (code === "bad-digest") return error("sync/unreachable", text.damaged(where));
  return error("sync/refused", text.refused(where, message), { badRows: code === "bad-batch" });
}

/** Seconds or an HTTP date, in milliseconds from now. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

const certificateCodes = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** What Node says is wrong with the other side's certificate, or undefined when that is not it. */
export function certificateReason(code: string, message: string): string | undefined {
  if (certificateCodes.has(code) || code.startsWith("CERT_")) return message;
  return undefined;
}
