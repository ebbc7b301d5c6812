import { noticeText } from "../../config/language/notices.ts";
import { pointKeySchema } from "../../config/schema/condition.ts";
import type { OutputTest } from "../annunciation.ts";
import type { CalibrationProblem } from "../cold-chain/calibration.ts";
import type { HistoricNotice } from "../cold-chain/historic-excursions.ts";
import type { ClockOff } from "../cold-chain/slow-clocks.ts";
import type { Follow } from "../follow.ts";
import type { Notice } from "../push/notice.ts";
import type { PushDesk } from "../push/push-desk.ts";
import type { Instant } from "../rules/rule.ts";

/** What late samples told of the past. */
export function historicNotice({ excursion, priority }: HistoricNotice): Notice {
  const { rule, start, end, updatedAt, point, peak, affected } = excursion;
  const [location] = affected.locations;
  return {
    kind: "historic",
    priority,
    rule,
    message: rule,
    ...(location === undefined ? {} : { location }),
    ...(point === undefined ? {} : { point: pointKeySchema.parse(point) }),
    ...(peak === undefined ? {} : { peak: peak.value }),
    from: start,
    until: end ?? updatedAt,
  };
}

export function calibrationNotice({ point, due, daysLeft }: CalibrationProblem): Notice {
  return {
    kind: "notice",
    priority: daysLeft < 0 ? "medium" : "low",
    title: {
      en: noticeText.en.calibration(point, daysLeft),
      zh: noticeText.zh.calibration(point, daysLeft),
    },
    text: { en: noticeText.en.calibrationText(due), zh: noticeText.zh.calibrationText(due) },
  };
}

/** On record with the correction of its times: `offMs` is the device's clock less the gateway's. */
export function clockEvent(off: ClockOff): Follow["events"][number] {
  return { kind: "audit", body: { action: "device.clock-off", ...off } };
}

export function clockNotice({ device, offMs }: ClockOff): Notice {
  return {
    kind: "notice",
    priority: "low",
    title: { en: noticeText.en.clock(device, offMs), zh: noticeText.zh.clock(device, offMs) },
    text: { en: noticeText.en.clockText, zh: noticeText.zh.clockText },
  };
}

/** Names in one message; the panel lists them all. */
const targetsShownMax = 10;

export function testsNotice(targets: readonly string[]): Notice {
  const shown = targets.slice(0, targetsShownMax).join(", ");
  const list = targets.length > targetsShownMax ? `${shown} …` : shown;
  return {
    kind: "notice",
    priority: "low",
    title: { en: noticeText.en.tests(targets.length), zh: noticeText.zh.tests(targets.length) },
    text: { en: noticeText.en.testsText(list), zh: noticeText.zh.testsText(list) },
  };
}

/** What became of a lamp's or buzzer's test, for the record of tests. */
export function noteOutputTest(
  desk: Pick<PushDesk, "noteTest">,
  { output, by, confirmed, problem }: OutputTest,
  instant: Instant,
): Follow {
  const result = confirmed ? "confirmed" : (problem ?? "not confirmed");
  return desk.noteTest(`output/${output}`, by, result, instant);
}
