import type { SyncText } from "../../config/language/sync.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import {
  type BrokerCertificateSource,
  certificateAlert,
  certificateRefused,
} from "./broker-certificate.ts";
import { certificateReason } from "./http-refusal.ts";
import { UplinkError } from "./uplink.ts";

/** What a failure of a broker means for an uplink. Other errors are passed on. */
export function brokerFailure(
  error: unknown,
  where: string,
  text: SyncText,
  shown?: BrokerCertificateSource,
): unknown {
  if (error instanceof UplinkError || !(error instanceof RackwatchError)) return error;
  const { cause, message: reason } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const certificate = certificateReason(code, code);
  const fail = (
    kind: UplinkError["code"],
    { message, todo }: { readonly message: string; readonly todo: string },
  ) => new UplinkError(kind, message, { where, todo, cause: error });
  if (certificate !== undefined) {
    return fail("sync/certificate", text.certificate(where, certificate));
  }
  const alert = certificateAlert(code);
  if (alert !== undefined) {
    return fail("sync/certificate", certificateRefused(alert, where, shown?.(), text));
  }
  if (error.code === "driver/refused") {
    return fail("sync/unauthorized", text.brokerRefused(where, reason));
  }
  return fail("sync/unreachable", text.brokerGone(where, reason));
}
