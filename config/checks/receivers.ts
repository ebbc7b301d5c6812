import { formatDuration } from "../../drivers/quantity.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import { channelKinds, type LadderConfig, type ReceiverConfig } from "../schema/notify.ts";
import type { Subject } from "./subject.ts";

/** Everybody who is to be told can be reached, and what the messages need is there. */
export function checkReceivers(subject: Subject): readonly Finding[] {
  const { notify, escalation, annunciators } = subject.config;
  return [
    ...Object.entries(notify).flatMap(([id, receiver]) =>
      receiverFindings(receiver, ["notify", id], subject),
    ),
    ...Object.entries(escalation).flatMap(([id, ladder]) =>
      ladderFindings(ladder, ["escalation", id, "steps"]),
    ),
    ...Object.entries(annunciators).flatMap(([id, { name: _, place: _place, ...outputs }]) =>
      Object.values(outputs).some((output) => output !== undefined)
        ? []
        : [finding("annunciator/empty", ["annunciators", id], {}, { at: "key" })],
    ),
    ...mailFindings(subject),
    ...linkFindings(subject),
  ];
}

/** Whether a receiver can be reached at all. */
function isReachable(receiver: ReceiverConfig): boolean {
  return channelKinds.some((kind) => {
    const given = receiver[kind];
    return Array.isArray(given) ? given.length > 0 : given !== undefined;
  });
}

function receiverFindings(
  receiver: ReceiverConfig,
  path: Path,
  { config, sections }: Subject,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (!isReachable(receiver)) {
    findings.push(finding("receiver/no-address", path, {}, { at: "key" }));
  }
  const sent = [
    ["sms", "sms", config.sms],
    ["email", "mail", config.mail],
  ] as const;
  for (const [channel, section, given] of sent) {
    // A section that is there and wrong has errors of its own.
    if (receiver[channel].length === 0 || given !== undefined || sections.includes(section)) {
      continue;
    }
    const params = { channel, section };
    findings.push(finding("receiver/needs", [...path, channel], params, { at: "key" }));
  }
  const { quiet } = receiver;
  if (quiet !== undefined && !quiet.except.includes("critical")) {
    const at = [...path, "quiet", "except"];
    findings.push(finding("receiver/quiet-critical", at, {}, { at: "key", severity: "warning" }));
  }
  return findings;
}

function ladderFindings({ steps }: LadderConfig, path: Path): readonly Finding[] {
  return steps.flatMap(({ after, notify }, index) => {
    const findings: Finding[] = [];
    const previous = steps[index - 1]?.after;
    const at = [...path, index, "after"];
    if (previous !== undefined && after < previous) {
      const params = { after: told(after), previous: told(previous) };
      findings.push(finding("ladder/order", at, params));
    }
    if (previous === after) {
      findings.push(finding("ladder/step-twice", at, { after: told(after) }));
    }
    for (const [place, got] of notify.entries()) {
      if (notify.indexOf(got) === place) continue;
      findings.push(finding("ladder/receiver-twice", [...path, index, "notify", place], { got }));
    }
    return findings;
  });
}

function told(ms: number): string {
  return ms === 0 ? "0s" : formatDuration(ms);
}

function mailFindings({ config: { mail } }: Subject): readonly Finding[] {
  if (mail === undefined) return [];
  const { user, password, security } = mail;
  if (user !== undefined && password === undefined) {
    const params = { has: "user", lacks: "password" };
    return [finding("mail/login", ["mail", "user"], params, { at: "key" })];
  }
  if (user === undefined && password !== undefined) {
    const params = { has: "password", lacks: "user" };
    return [finding("mail/login", ["mail", "password"], params, { at: "key" })];
  }
  if (password === undefined || security !== "none") return [];
  return [finding("mail/plain-password", ["mail", "security"], {})];
}

function linkFindings({ config }: Subject): readonly Finding[] {
  const { links, site } = config.alarms;
  if (!links) return [];
  const path = ["alarms", "links"];
  const siteless = site === undefined ? [finding("alarms/links-site", path, {})] : [];
  const forbidden = Object.entries(config.locations).flatMap(([location, { profile: id = "" }]) =>
    config.profiles[id]?.duties.noAcknowledgeByLink === true
      ? [finding("duty/links", path, { profile: id, location })]
      : [],
  );
  return [...siteless, ...forbidden];
}
