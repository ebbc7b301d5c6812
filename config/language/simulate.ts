import type { Texts } from "./language.ts";

const meantEn = (suggestion: string) =>
  suggestion === "" ? "" : `, did you mean "${suggestion}"?`;
const meantZh = (suggestion: string) => (suggestion === "" ? "" : `，是否应为“${suggestion}”？`);

const en = {
  left: (line: number, why: string) => `row ${line} is left out: ${why}`,
  late: (line: number, point: string, seconds: number) =>
    `row ${line} came late: ${point} was ${seconds} s further already; it makes no alarm`,
  refused: (line: number, rule: string, why: string) =>
    `row ${line} changes nothing: ${rule}: ${why}`,
  more: (count: number) => `${count} more like these`,
  fault: {
    quote: "a double quote is not closed, or stands inside a cell without quotes",
    "too-long": "it is too long",
    "too-few-cells": "cells are missing",
    "no-point": "it names no point",
    "no-value": "it has no value; a bad sample needs the quality bad",
    time: (got: string) => `"${got}" is no time; write 2026-03-01T08:00:00Z`,
    quality: (got: string) => `"${got}" is no quality; write good, uncertain or bad`,
    number: (got: string) => `"${got}" is no number, and the point has numbers`,
    switch: (got: string) => `"${got}" is neither true nor false, and the point is a switch`,
    event: (got: string) =>
      `"${got}" is no event; write ack, reset, shelve, unshelve, suppress, unsuppress, out-of-service or return-to-service`,
    duration: (got: string) => `"${got}" says not for how long; write 120s, 30min, 8h or one-shot`,
    point: (got: string, suggestion: string) =>
      `the configuration has no point "${got}"${meantEn(suggestion)}`,
    rule: (got: string, suggestion: string) => `there is no rule "${got}"${meantEn(suggestion)}`,
  },
  noFile: (file: string) => ({
    message: `the file cannot be read: ${file}`,
    todo: "Check the name, and that it is a file that you may read.",
  }),
  notUtf8: (file: string, line: number) => ({
    message: `the file is not UTF-8, first seen in line ${line}: ${file}`,
    todo: "Save it again as CSV UTF-8; GBK and UTF-16 are not read.",
  }),
  noColumn: (file: string, column: string) => ({
    message: `the first line names no column "${column}": ${file}`,
    todo: "Samples are at,point,value[,quality]; events are at,rule,event,by[,argument]. Cells are separated by commas.",
  }),
  tooManyRows: (file: string, rows: number) => ({
    message: `the rows are not in order of time, and more than ${rows} cannot be put in order: ${file}`,
    todo: "Sort the file by its first column, or split it.",
  }),
  tooManyEvents: (file: string, rows: number) => ({
    message: `more than ${rows} events: ${file}`,
    todo: "Split the file.",
  }),
  tooManyTransitions: (count: number) => ({
    message: `more than ${count} transitions`,
    todo: "Give fewer samples, or a deadband or a delay to the rule that alarms so often.",
  }),
  oneSource: {
    message: "samples come either from a file or from a store",
    todo: "Give --samples FILE, or --from DURATION with --data DIR.",
  },
  noDuration: (got: string) => ({
    message: `"${got}" is no duration`,
    todo: "Write --from 30d, 12h or 90min.",
  }),
  noStore: (dir: string) => ({
    message: `there is no gateway's store in this folder: ${dir}`,
    todo: "Give the folder that `rackwatch run --data` uses.",
  }),
  noSamples: "not a single sample could be used",
  neverSeen: (rule: string, point: string, suggestion: string) =>
    `rule ${rule}: the samples have no point "${point}"${meantEn(suggestion)}`,
  damaged: (first: number, last: number) =>
    `samples ${first} to ${last} are damaged and were left out`,
  time: "time (UTC)",
  rule: "rule",
  from: "from",
  to: "to",
  cause: "because",
  alarms: "alarms",
  perDay: "a day",
  longest: "longest",
  total: "in alarm",
  active: "still active",
  yes: "yes",
  nothing: "no alarm",
  span: (samples: number, points: number, from: string, to: string) =>
    `${samples} samples of ${points} points from ${from} to ${to}`,
  busiest: (count: number, at: string, flood: boolean) =>
    `most new alarms within 10 min: ${count}, at ${at}${flood ? " (a flood)" : ""}`,
  same: (count: number) => `${count} alarms are the same`,
  onlyConfig: "only with --config",
  onlyAgainst: "only with --against",
  moved: "another time",
};

const zh: typeof en = {
  left: (line, why) => `第 ${line} 行已忽略：${why}`,
  late: (line, point, seconds) =>
    `第 ${line} 行迟到：${point} 已有晚 ${seconds} 秒的样本；它不产生报警`,
  refused: (line, rule, why) => `第 ${line} 行没有改变任何状态：${rule}：${why}`,
  more: (count) => `另有 ${count} 处类似情况`,
  fault: {
    quote: "双引号没有闭合，或出现在没有引号的单元格中",
    "too-long": "该行过长",
    "too-few-cells": "缺少单元格",
    "no-point": "没有写明点",
    "no-value": "没有数值；坏样本请把质量写为 bad",
    time: (got) => `“${got}”不是时间；请写成 2026-03-01T08:00:00Z`,
    quality: (got) => `“${got}”不是质量；请写 good、uncertain 或 bad`,
    number: (got) => `“${got}”不是数字，而该点的值是数字`,
    switch: (got) => `“${got}”既不是 true 也不是 false，而该点是开关量`,
    event: (got) =>
      `“${got}”不是事件；请写 ack、reset、shelve、unshelve、suppress、unsuppress、out-of-service 或 return-to-service`,
    duration: (got) => `“${got}”没有说明时长；请写 120s、30min、8h 或 one-shot`,
    point: (got, suggestion) => `配置中没有点“${got}”${meantZh(suggestion)}`,
    rule: (got, suggestion) => `没有规则“${got}”${meantZh(suggestion)}`,
  },
  noFile: (file) => ({
    message: `无法读取文件：${file}`,
    todo: "请检查文件名，以及您是否有权读取。",
  }),
  notUtf8: (file, line) => ({
    message: `文件不是 UTF-8 编码，首先出现在第 ${line} 行：${file}`,
    todo: "请另存为“CSV UTF-8”；不读取 GBK 和 UTF-16。",
  }),
  noColumn: (file, column) => ({
    message: `第一行没有列“${column}”：${file}`,
    todo: "样本为 at,point,value[,quality]；事件为 at,rule,event,by[,argument]。单元格以逗号分隔。",
  }),
  tooManyRows: (file, rows) => ({
    message: `行未按时间排序，且超过可排序的 ${rows} 行：${file}`,
    todo: "请按第一列排序，或拆分文件。",
  }),
  tooManyEvents: (file, rows) => ({
    message: `事件超过 ${rows} 条：${file}`,
    todo: "请拆分文件。",
  }),
  tooManyTransitions: (count) => ({
    message: `状态变化超过 ${count} 次`,
    todo: "请减少样本，或给频繁报警的规则加上回差或延时。",
  }),
  oneSource: {
    message: "样本只能来自一个文件或一个数据库",
    todo: "请给出 --samples FILE，或 --from 时长 加 --data DIR。",
  },
  noDuration: (got) => ({
    message: `“${got}”不是时长`,
    todo: "请写 --from 30d、12h 或 90min。",
  }),
  noStore: (dir) => ({
    message: `该目录中没有网关的数据库：${dir}`,
    todo: "请给出 `rackwatch run --data` 使用的目录。",
  }),
  noSamples: "没有一条样本可用",
  neverSeen: (rule, point, suggestion) =>
    `规则 ${rule}：样本中没有点“${point}”${meantZh(suggestion)}`,
  damaged: (first, last) => `第 ${first} 至 ${last} 条样本已损坏，已忽略`,
  time: "时间 (UTC)",
  rule: "规则",
  from: "从",
  to: "到",
  cause: "原因",
  alarms: "报警数",
  perDay: "每天",
  longest: "最长",
  total: "报警总时长",
  active: "仍在报警",
  yes: "是",
  nothing: "没有报警",
  span: (samples, points, from, to) => `${points} 个点的 ${samples} 条样本，${from} 至 ${to}`,
  busiest: (count, at, flood) =>
    `10 分钟内新报警最多 ${count} 个，时间 ${at}${flood ? "（报警泛滥）" : ""}`,
  same: (count) => `${count} 个报警相同`,
  onlyConfig: "仅 --config",
  onlyAgainst: "仅 --against",
  moved: "时间不同",
};

export const simulateText: Texts<typeof en> = { en, zh };
