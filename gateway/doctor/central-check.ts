import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { TLSSocket } from "node:tls";
import type { DoctorText } from "../../config/language/doctor.ts";
import { tryConnect } from "./channel-check.ts";
import { codeOf, type Finding, within } from "./finding.ts";

const lookupMs = 3_000;
const answerMs = 5_000;
const answerBytesMax = 65_536;

/** A clock that differs by more makes signatures void and times doubtful. */
const clockDifferenceMsMax = 5_000;

const dayMs = 86_400_000;
const certificateDaysMin = 14;

export interface CentralAsked {
  readonly central: string;
  readonly gatewayId: string;
  /** Undefined: this user cannot read it. */
  readonly token: string | undefined;
  readonly caFile: string | undefined;
  readonly proxy: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly date: number | undefined;
  readonly body: string;
  readonly validTo: number | undefined;
}

/** Central, step by step as an agent reaches it. Nothing is stored there, and it does not count as a sign of life. */
export async function checkCentral(
  asked: CentralAsked,
  text: DoctorText,
  now: () => number,
): Promise<readonly Finding[]> {
  const url = new URL(asked.central);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (asked.proxy !== undefined) {
    return [{ check: "central", grade: "skip", found: text.behindProxy(url.host) }];
  }
  const findings: Finding[] = [];
  if (isIP(host) === 0) {
    try {
      const { address } = await within(lookupMs, lookup(host));
      findings.push({ check: "central/name", grade: "ok", found: text.resolves(host, address) });
    } catch (error) {
      const found = text.noName(host, codeOf(error));
      return [{ check: "central/name", grade: "fail", found, todo: text.noNameTodo }];
    }
  }
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const refused = await tryConnect(host, port);
  const where = `${host}:${port}`;
  if (refused !== undefined) {
    const found = text.unreachable(where, refused);
    return [...findings, { check: "central/tcp", grade: "fail", found, todo: text.centralTodo }];
  }
  findings.push({ check: "central/tcp", grade: "ok", found: text.reachable(where) });
  try {
    const answer = await within(answerMs, ask(url, asked));
    return [...findings, ...judge(url, answer, asked, text, now())];
  } catch (error) {
    const code = codeOf(error);
    const isTls = /CERT|SIGNATURE|ISSUER|TLS|SSL/.test(code);
    return [
      ...findings,
      isTls
        ? { check: "central/tls", grade: "fail", found: text.badTls(code), todo: text.badTlsTodo }
        : {
            check: "central/http",
            grade: "fail",
            found: text.noAnswer(code),
            todo: text.centralTodo,
          },
    ];
  }
}

function judge(
  url: URL,
  answer: Answer,
  asked: CentralAsked,
  text: DoctorText,
  now: number,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (answer.validTo !== undefined) {
    const days = Math.floor((answer.validTo - now) / dayMs);
    const found = text.tls(days);
    findings.push(
      days >= certificateDaysMin
        ? { check: "central/tls", grade: "ok", found }
        : { check: "central/tls", grade: "warn", found, todo: text.renewTodo },
    );
  } else if (url.protocol === "http:" && !/^(127\.|localhost$|::1$|\[::1\]$)/.test(url.hostname)) {
    findings.push({ check: "central/tls", grade: "warn", found: text.plain, todo: text.plainTodo });
  }
  findings.push(token(answer, asked, text));
  if (answer.date !== undefined) {
    const differsMs = now - answer.date;
    const found = text.clockDiffers((differsMs / 1_000).toFixed(0));
    const isRight = Math.abs(differsMs) <= clockDifferenceMsMax;
    findings.push(
      isRight
        ? { check: "central/clock", grade: "ok", found }
        : { check: "central/clock", grade: "warn", found, todo: text.clockTodo },
    );
  }
  return findings;
}

function token({ status, body }: Answer, asked: CentralAsked, text: DoctorText): Finding {
  const check = "central/access";
  const isCentral = /"code":"(bad-request|unauthorized|forbidden|internal|database|busy)"/.test(
    body,
  );
  if (!isCentral)
    return { check, grade: "fail", found: text.notCentral(status), todo: text.notCentralTodo };
  if (asked.token === undefined) return { check, grade: "skip", found: text.tokenUnread };
  if (status === 401 || status === 403) {
    return {
      check,
      grade: "fail",
      found: text.tokenBad(status),
      todo: text.tokenTodo(asked.gatewayId),
    };
  }
  if (status >= 500)
    return { check, grade: "warn", found: text.centralIll(status), todo: text.centralTodo };
  return { check, grade: "ok", found: text.tokenGood };
}

/** Asks for marks of no epoch: the token is looked at first, and then the question is refused as no question. */
function ask(base: URL, { gatewayId, token, caFile }: CentralAsked): Promise<Answer> {
  const path = `${base.href.replace(/\/$/, "")}/v1/gateways/${encodeURIComponent(gatewayId)}/marks`;
  const url = new URL(path);
  const client = url.protocol === "https:" ? https : http;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ca = caFile === undefined ? {} : { ca: readFileSync(caFile) };
  return new Promise((resolve, reject) => {
    const request = client.request(url, { headers, ...ca, agent: false, timeout: answerMs });
    request.once("timeout", () =>
      request.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })),
    );
    request.once("error", reject);
    request.once("response", (response) => {
      let body = "";
      const { socket } = response;
      const validTo =
        socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : undefined;
      const date = Date.parse(response.headers.date ?? "");
      const end = () => {
        request.destroy();
        const status = response.statusCode ?? 0;
        resolve({ status, body, validTo, date: Number.isNaN(date) ? undefined : date });
      };
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        body += part;
        if (body.length > answerBytesMax) end();
      });
      response.once("end", end);
      response.once("error", reject);
    });
    request.end();
  });
}
