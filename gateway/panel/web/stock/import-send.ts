import type { ImportKind } from "../../stock-api.ts";
import { isRecord } from "../merge.ts";
import type { Answer, FaultText } from "../request.ts";

/** The gateway reads a million rows in some minutes. Beyond, the connection is taken for dead. */
const answerMsMax = 15 * 60_000;

export interface Sending {
  readonly kind: ImportKind;
  readonly file: File;
  readonly text: FaultText;
  /** Part of the file that has left, 0 to 1. */
  readonly onProgress: (part: number) => void;
}

/** Sends a file to be imported. Not by `fetch`, which does not tell how far it is. */
export function sendImport({ kind, file, text, onProgress }: Sending): Promise<Answer> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const failed = () =>
      resolve({
        ok: false,
        status: 0,
        fault: { code: "network", message: text.network, todo: text.networkTodo },
      });
    request.open("POST", `/api/stock/import/${kind}?name=${encodeURIComponent(nameOf(file))}`);
    request.setRequestHeader("content-type", "text/csv");
    request.timeout = answerMsMax;
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.upload.onload = () => onProgress(1);
    request.onerror = failed;
    request.ontimeout = failed;
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status === 200) return resolve({ ok: true, body });
      const { code, message, todo } = isRecord(body) ? body : {};
      resolve({
        ok: false,
        status: request.status,
        fault: {
          code: typeof code === "string" ? code : "unexpected",
          message: typeof message === "string" ? message : text.unexpected,
          todo: typeof todo === "string" ? todo : text.unexpectedTodo,
        },
      });
    };
    request.send(file);
  });
}

/** As the gateway's schema has it. */
const nameCharsMax = 120;

function nameOf({ name }: File): string {
  return name.slice(-nameCharsMax);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
