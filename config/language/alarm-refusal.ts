import type { Texts } from "./language.ts";

/** Why something cannot be done with an alarm, and what can be done instead. */
interface Sentence {
  readonly reason: string;
  readonly todo: string;
}

const reload = "Load the list of alarms again";

const en = {
  alreadyAcknowledged: {
    reason: "The alarm is already acknowledged",
    todo: "Put right what caused it; it ends when the value is back",
  },
  nothingToAcknowledge: { reason: "The alarm is over and acknowledged", todo: reload },
  notAcknowledged: {
    reason: "The alarm is not acknowledged",
    todo: "It calls already; acknowledge it",
  },
  alreadyActive: { reason: "The alarm is already active", todo: reload },
  notActive: { reason: "The alarm is not active", todo: reload },
  resetWhileActive: {
    reason: "The alarm is still active and cannot be reset",
    todo: "Reset it when the value is back",
  },
  resetUnacknowledged: {
    reason: "The alarm is not acknowledged and cannot be reset",
    todo: "Acknowledge it, then reset it",
  },
  nothingToReset: { reason: "The alarm is not latched; there is nothing to reset", todo: reload },
  isShelved: {
    reason: "The alarm is shelved, which counts as acknowledged",
    todo: "End the shelf first",
  },
  notShelved: { reason: "The alarm is not shelved", todo: reload },
  isSuppressed: {
    reason: "The alarm is suppressed by design",
    todo: "Wait for the end of the suppression, or end it",
  },
  alreadySuppressed: {
    reason: "The alarm is already suppressed",
    todo: "Wait for the end of the suppression, or end it",
  },
  notSuppressed: { reason: "The alarm is not suppressed", todo: reload },
  isOutOfService: {
    reason: "The alarm is out of service",
    todo: "Return it to service first",
  },
  alreadyOutOfService: {
    reason: "The alarm is already out of service",
    todo: "Return it to service first",
  },
  notOutOfService: { reason: "The alarm is not out of service", todo: reload },
} satisfies Record<string, Sentence>;

const reloadZh = "请重新载入报警列表";

const zh: typeof en = {
  alreadyAcknowledged: { reason: "该报警已确认", todo: "请排除原因；数值恢复后报警即结束" },
  nothingToAcknowledge: { reason: "该报警已结束且已确认", todo: reloadZh },
  notAcknowledged: { reason: "该报警尚未确认", todo: "报警正在提示，请确认" },
  alreadyActive: { reason: "该报警已处于激活状态", todo: reloadZh },
  notActive: { reason: "该报警未激活", todo: reloadZh },
  resetWhileActive: { reason: "该报警仍处于激活状态，不能复位", todo: "请在数值恢复后复位" },
  resetUnacknowledged: { reason: "该报警尚未确认，不能复位", todo: "请先确认，再复位" },
  nothingToReset: { reason: "该报警未锁存，无需复位", todo: reloadZh },
  isShelved: { reason: "该报警已搁置，视为已确认", todo: "请先取消搁置" },
  notShelved: { reason: "该报警未搁置", todo: reloadZh },
  isSuppressed: { reason: "该报警已按设计抑制", todo: "请等待抑制结束，或解除抑制" },
  alreadySuppressed: { reason: "该报警已被抑制", todo: "请等待抑制结束，或解除抑制" },
  notSuppressed: { reason: "该报警未被抑制", todo: reloadZh },
  isOutOfService: { reason: "该报警已停用", todo: "请先恢复启用" },
  alreadyOutOfService: { reason: "该报警已处于停用状态", todo: "请先恢复启用" },
  notOutOfService: { reason: "该报警未停用", todo: reloadZh },
};

export const alarmRefusalText: Texts<typeof en> = { en, zh };
export type AlarmRefusal = keyof typeof en;
