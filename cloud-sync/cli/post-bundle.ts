import { readFileSync } from "node:fs";
import https from "node:https";
import axios from "axios";
import type { BundleText } from "../../config/language/bundles.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { answerBytesMax } from "../bundles/answer-format.ts";
import { isLoopback } from "../central/access.ts";
import {
  type AnswerFile,
  type BundleFile,
  type ImportedFile,
  takeInAnyOrder,
} from "../central/bundles/import-bundles.ts";
import { type Posted, postedSchema } from "../central/routes/bundles.ts";
import { refusalSchema } from "../protocol.ts";

/** For one bundle to be sent and taken in: the embedded database needs minutes for twenty million samples. */
const postMsMax = 900_000;

/** The text of an answer within JSON, with what is said beside it. */
const replyBytesMax = 2 * answerBytesMax;

export interface PostTo {
  /** As in `https://central.example.com`. */
  readonly central: string;
  /** Of a person with the role operator. */
  readonly tokenFile: string;
  /** PEM of the authority of central's certificate. */
  readonly caFile?: string | undefined;
  readonly text: BundleText;
}

/**
 * Gives bundles to a central that runs, and takes its answers.
 * @throws RackwatchError `sync/bundle`: no address, no token, central cannot be reached, or it lets nobody in.
 */
export async function postBundles(
  files: readonly BundleFile[],
  to: PostTo,
): Promise<{ readonly files: readonly ImportedFile[]; readonly answers: readonly AnswerFile[] }> {
  const post = postTo(to);
  const answers = new Map<string, AnswerFile & { readonly names: boolean }>();
  const done = await takeInAnyOrder(files, to.text, async (bytes) => {
    const { answer, ...result } = await post(bytes);
    const { gateway } = result;
    if (gateway !== undefined && answer !== undefined) {
      // One that names refused rows goes before later ones: what is behind those rows comes with the next bundle.
      const names = result.outcome === "refused";
      const before = answers.get(gateway);
      if (names || before?.names !== true) answers.set(gateway, { gateway, ...answer, names });
    }
    return result;
  });
  return { files: done, answers: [...answers.values()] };
}

function postTo({ central, tokenFile, caFile, text }: PostTo) {
  const url = URL.parse("/v1/bundles", central);
  const isPlain = url?.protocol === "http:" && isLoopback(url.hostname);
  if (url === null || (url.protocol !== "https:" && !isPlain)) throw wrong(text.address(central));
  const token = fileText(tokenFile, text).trim();
  const ca = caFile === undefined ? {} : { ca: fileText(caFile, text) };
  return async (bytes: Buffer): Promise<Posted> => {
    const response = await axios
      .post<unknown>(url.href, bytes, {
        headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" },
        ...{ proxy: false, maxRedirects: 0, maxBodyLength: bytes.length + 1 },
        ...{ maxContentLength: replyBytesMax, validateStatus: () => true },
        ...{ httpsAgent: new https.Agent(ca), signal: AbortSignal.timeout(postMsMax) },
      })
      // What axios throws carries the request with its token.
      .catch((error: unknown) => {
        throw wrong(text.unreachable(central, error instanceof Error ? error.message : ""));
      });
    const posted = postedSchema.safeParse(response.data).data;
    if (response.status === 200 && posted !== undefined) return posted;
    const refusal = refusalSchema.safeParse(response.data).data;
    if (refusal === undefined) throw wrong(text.unreachable(central, `HTTP ${response.status}`));
    const { message, todo = text.stopped(message).todo } = refusal;
    if (response.status === 401 || response.status === 403) throw wrong({ message, todo });
    return { outcome: "stopped", rows: 0, message, todo };
  };
}

function fileText(file: string, text: BundleText): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw wrong(text.folder(file));
  }
}

function wrong({ message, todo }: { readonly message: string; readonly todo: string }) {
  return new RackwatchError("sync/bundle", message, { todo });
}
