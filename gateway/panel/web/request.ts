import type { PanelText } from "../../../config/language/panel.ts";
import { isRecord } from "./merge.ts";

/** Longest wait for an answer: a person in front of a screen gives up before. */
const answerMsMax = 10_000;

/** Why an action did not happen: what a person is told. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly todo?: string;
  /** After so many seconds it may go well: somebody is locked out, or too many ask at once. */
  readonly waitS?: number;
}

export type Answer =
  | {
      readonly ok: true;
      readonly body: unknown;
      /** The answering machine's clock, to the second. */
      readonly at?: number;
    }
  | { readonly ok: false; readonly status: number; readonly fault: Fault };

/** The text that stands for an answer that never came or is not ours. */
export type FaultText = PanelText["fault"];

/** Asks this gateway; every failure becomes an answer, nothing throws. */
export async function request(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  text: FaultText,
  options: { readonly body?: unknown; readonly token?: string } = {},
): Promise<Answer> {
  const headers = {
    ...(options.body !== undefined && { "content-type": "application/json" }),
    ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
  };
  try {
    const response = await fetch(path, {
      method,
      headers,
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      signal: AbortSignal.timeout(answerMsMax),
    });
    const body = parse(await response.text());
    if (response.ok) return { ok: true, body, ...dateOf(response) };
    const fault = { ...faultOf(body, text), ...waitOf(response) };
    return { ok: false, status: response.status, fault };
  } catch {
    const fault = { code: "network", message: text.network, todo: text.networkTodo };
    return { ok: false, status: 0, fault };
  }
}

function waitOf(response: Response): { readonly waitS?: number } {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return seconds > 0 ? { waitS: seconds } : {};
}

function dateOf(response: Response): { readonly at?: number } {
  const at = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(at) ? {} : { at };
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function faultOf(body: unknown, text: FaultText): Fault {
  const { code, message, todo } = isRecord(body) ? body : {};
  if (typeof message !== "string") {
    return { code: "unexpected", message: text.unexpected, todo: text.unexpectedTodo };
  }
  return {
    code: typeof code === "string" ? code : "unexpected",
    message,
    ...(typeof todo === "string" && { todo }),
  };
}
