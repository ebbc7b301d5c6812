import { formatDuration } from "../../drivers/quantity.ts";
import type { Texts } from "./language.ts";

/** To the minute: the way that a sample takes is in it. */
function amount(offMs: number): string {
  return formatDuration(Math.max(1, Math.round(Math.abs(offMs) / 60_000)) * 60_000);
}

const en = {
  calibration: (point: string, days: number) =>
    days < 0
      ? `Calibration of ${point} is overdue by ${-days} d`
      : days === 0
        ? `Calibration of ${point} is due today`
        : `Calibration of ${point} is due in ${days} d`,
  calibrationText: (due: string) =>
    `Due on ${due}. Have the sensor calibrated, then write the day and the certificate into the configuration.`,
  clock: (device: string, offMs: number) =>
    `The clock of ${device} is ${amount(offMs)} ${offMs < 0 ? "behind" : "ahead"}`,
  clockText:
    "Its readings are taken for present ones, at the gateway's time. Set the device's clock, or let it follow a time server.",
  tests: (count: number) => `${count} alarm tests are due`,
  testsText: (targets: string) =>
    `Not tested for too long: ${targets}. Test each lamp, buzzer and receiver from the panel; the result goes on record.`,
};

const zh: typeof en = {
  calibration: (point, days) =>
    days < 0
      ? `${point} 校准已逾期 ${-days} 天`
      : days === 0
        ? `${point} 今天到期须校准`
        : `${point} 距校准到期还有 ${days} 天`,
  calibrationText: (due) => `到期日 ${due}。请安排校准，然后把日期和证书写入配置。`,
  clock: (device, offMs) => `${device} 的时钟${offMs < 0 ? "慢" : "快"} ${amount(offMs)}`,
  clockText: "其读数按网关时间作为当前值处理。请校正该设备的时钟，或让其与时间服务器同步。",
  tests: (count) => `有 ${count} 项报警测试到期`,
  testsText: (targets) =>
    `太久未测试：${targets}。请在面板上逐一测试灯、蜂鸣器和接收人，结果会记录在案。`,
};

/** What receivers are told that is no alarm. */
export const noticeText: Texts<typeof en> = { en, zh };
