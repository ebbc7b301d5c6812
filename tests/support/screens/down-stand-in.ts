import type { CommandRecord } from "../../../cloud-sync/central/down/commands.ts";
import type { RevisionRecord } from "../../../cloud-sync/central/down/history.ts";
import type { AccessRecord } from "../../../cloud-sync/central/web/down/answers.ts";
import type { Sections } from "../../../config/managed-sections.ts";
import type { Asked, Reply } from "./server.ts";

const minute = 60_000;
const day = 1_440 * minute;

export const operatorToken = "rwo_token-of-li-lei";

const running: Sections = {
  rules: {
    "cold-2-warm": {
      ...{ point: "cold-2/temperature", above: 8, deadband: 0.5, priority: "critical" },
      outputs: ["stack/red", "stack/buzzer"],
    },
  },
  notify: { night: { dingtalk: { "!secret": "dingtalk-cold" } } },
};

/** What central knows of the gateway in the cold rooms, and what is decided of it. */
export class DownStandIn {
  readonly #now: number;
  readonly decided: Asked[] = [];
  revisions: RevisionRecord[];
  commands: CommandRecord[];
  digest = "4f1c2a9be07d";
  sections = running;
  author = "li.lei";
  access: AccessRecord;
  /** Instead of taking what was decided. */
  refusal: Reply | undefined;

  constructor(now: number) {
    this.#now = now;
    this.revisions = [
      {
        ...{ revision: 7, source: "central", author: "wang.fang", at: now - 12.5 * minute },
        ...{
          comment: "Summer limits",
          state: "refused",
          base: "0b11",
          outcomeAt: now - 12 * minute,
        },
        reason: "config/conflict: the configuration here was changed after its author looked",
        difference: "  rules:\n    cold-2-warm:\n-     above: 8\n+     above: 7.5",
      },
      {
        ...{ serial: 12, source: "file", author: "file", at: now - 40.5 * minute },
        ...{ state: "confirmed", difference: "-     above: 9\n+     above: 8" },
      },
      {
        ...{ revision: 5, source: "central", author: "li.lei", at: now - 2 * day },
        ...{ state: "rolled-back", group: "cold-rooms", outcomeAt: now - 2 * day },
        reason: "channel rs485-a gives no values since the change",
      },
      {
        ...{ revision: 3, source: "central", author: "li.lei", at: now - 9 * day },
        ...{ state: "confirmed", comment: "Insulin: at least 20", outcomeAt: now - 9 * day },
        difference: "+ items:\n+   insulin:\n+     min: 20",
      },
    ];
    this.commands = [
      {
        ...{ id: "c2", number: 9, action: "restart-channel", target: "rs485-b", by: "li.lei" },
        ...{ issuedAt: now - 3 * minute, expiresAt: now + 2 * minute, state: "refused" },
        reason: "there is no channel rs485-b",
      },
      {
        ...{ id: "c1", number: 8, action: "send-logs", by: "li.lei", issuedAt: now - 95 * minute },
        ...{ expiresAt: now - 90 * minute, state: "done", outcomeAt: now - 94 * minute },
      },
    ];
    this.access = {
      ...{ gateway: "wh1-cold", hasToken: false },
      ...{ serial: "5f3a9c0277d1", notAfter: now + 70.5 * day },
      certificates: [
        {
          ...{ serial: "5f3a9c0277d1", issuedAt: now - 20 * day, notAfter: now + 70.5 * day },
          firstUsedAt: now - 20 * day,
        },
        {
          ...{ serial: "11c07be4a902", issuedAt: now - 81 * day, notAfter: now + 9 * day },
          ...{ firstUsedAt: now - 81 * day, revokedAt: now - 20 * day },
          revokedWhy: "a newer one is in use",
        },
      ],
    };
  }

  answer(asked: Asked): Reply | undefined {
    const [, what, rest] = /^\/v1\/gateways\/wh1-cold\/(\w+)(?:\/(.+))?$/.exec(asked.path) ?? [];
    if (what === undefined) return undefined;
    if (asked.method === "POST") return this.#decide(asked, what);
    switch (what) {
      case "configuration":
        return { body: this.#configuration() };
      case "revisions":
        return { body: this.revisions };
      case "commands":
        return { body: this.commands };
      case "identity":
        return { body: this.access };
      case "files":
        return rest === undefined ? this.#files(asked) : { body: "logs" };
      default:
        return undefined;
    }
  }

  #configuration() {
    const { digest, author, sections } = this;
    const at = this.#now - 40.5 * minute;
    return { digest, serial: 12, source: "central", author, at, sections, own: {}, given: {} };
  }

  #files({ authorization }: Asked): Reply {
    if (authorization !== `Bearer ${operatorToken}`) return unauthorized;
    const file = { id: "c1", size: 181_204, sha256: "0".repeat(64), finished: true };
    return { body: [{ ...file, at: this.#now - 94 * minute }] };
  }

  #decide(asked: Asked, what: string): Reply {
    if (asked.authorization !== `Bearer ${operatorToken}`) return unauthorized;
    this.decided.push(asked);
    if (this.refusal !== undefined) return this.refusal;
    if (what !== "commands") return { body: { revision: 10 } };
    const given: CommandRecord = {
      ...{ id: "c3", number: 10, action: "silence", by: "li.lei", issuedAt: this.#now },
      ...{ expiresAt: this.#now + 5 * minute, state: "waiting" },
    };
    this.commands = [given, ...this.commands];
    return { body: given };
  }
}

const unauthorized: Reply = {
  status: 401,
  body: {
    code: "unauthorized",
    message: "this needs the token of a person with the role operator",
    todo: "make one with `rackwatch central add-operator NAME`",
  },
};
