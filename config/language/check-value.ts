import { checkDriverText } from "./check-driver.ts";
import { didYouMean, didYouMeanZh, type Told } from "./check-file.ts";
import type { Texts } from "./language.ts";

/** What stands in YAML, or should. */
export type Kind = "empty" | "number" | "integer" | "text" | "switch" | "mapping" | "list";

const kindEn: Readonly<Record<Kind, string>> = {
  empty: "nothing",
  number: "a number",
  integer: "a whole number",
  text: "text",
  switch: "true or false",
  mapping: "a mapping (key: value)",
  list: "a list",
};

const kindZh: Readonly<Record<Kind, string>> = {
  empty: "空值",
  number: "数字",
  integer: "整数",
  text: "文本",
  switch: " true 或 false ",
  mapping: "映射（键: 值）",
  list: "列表",
};

/** What most likely went wrong when a value has the wrong type. */
export type TypeFix = "none" | "empty" | "unquote" | "quote" | "list" | "truth";
type Fixes = Readonly<Record<TypeFix, (written: string) => string | undefined>>;

const typeHintEn: Fixes = {
  none: () => undefined,
  empty: () => "write a value, or delete the line",
  unquote: () => "remove the quotes",
  quote: (written) => `put it in quotes: "${written}"`,
  list: (written) => `write it as a list: [${written}]`,
  truth: () => "write true or false",
};

const typeHintZh: Fixes = {
  none: () => undefined,
  empty: () => "请填写值，或删除此行",
  unquote: () => "请去掉引号",
  quote: (written) => `请加上引号："${written}"`,
  list: (written) => `请写成列表：[${written}]`,
  truth: () => "请写 true 或 false",
};

/** Stands for the outermost mapping where a path is named. */
export const topLevel = ".";

type Of = "value" | "text" | "list" | "mapping";
interface Bound {
  readonly of: Of;
  readonly limit: number;
  readonly inclusive: boolean;
}

const en = {
  "schema/unknown-key": (p: {
    key: string;
    suggestion: string;
    known: readonly string[];
    belongsTo: string;
  }): Told => [
    `unknown key "${p.key}"${didYouMean(p.suggestion)}`,
    p.belongsTo !== ""
      ? `check the indentation: "${p.key}" belongs to ${
          p.belongsTo === topLevel ? "the top level" : p.belongsTo
        }`
      : p.suggestion === "" && p.known.length > 0
        ? `known keys: ${p.known.join(", ")}`
        : undefined,
  ],
  "schema/missing": (p: { key: string; kind: Kind | "" }): Told => [
    `the key "${p.key}" is missing${p.kind === "" ? "" : ` (${kindEn[p.kind]})`}`,
  ],
  "schema/type": (p: {
    expected: readonly Kind[];
    got: Kind;
    written: string;
    fix: TypeFix;
  }): Told => [
    `expected ${p.expected.map((kind) => kindEn[kind]).join(" or ")}, found ${
      p.written === "" ? kindEn[p.got] : `${kindEn[p.got]}: ${p.written}`
    }`,
    typeHintEn[p.fix](p.written),
  ],
  "schema/value": (p: { got: string; allowed: readonly string[]; suggestion: string }): Told => [
    `"${p.got}" is not allowed here${didYouMean(p.suggestion)}`,
    `allowed: ${p.allowed.join(", ")}`,
  ],
  "schema/too-small": (p: Bound): Told => [
    p.of === "value"
      ? `too small: must be ${p.inclusive ? "at least" : "more than"} ${p.limit}`
      : `too short: needs at least ${p.limit} ${p.of === "text" ? "characters" : "entries"}`,
  ],
  "schema/too-big": (p: Bound): Told => [
    p.of === "value"
      ? `too large: must be ${p.inclusive ? "at most" : "less than"} ${p.limit}`
      : `too long: at most ${p.limit} ${p.of === "text" ? "characters" : "entries"}`,
  ],
  "schema/step": (p: { step: number }): Told => [`must be a multiple of ${p.step}`],
  "schema/url": (): Told => [
    "this is not a web address",
    "for example https://central.example.com",
  ],
  "schema/format": (p: { pattern: string }): Told => [
    "the text does not have the form that is needed here",
    p.pattern === "" ? undefined : `form: ${p.pattern}`,
  ],
  "schema/id": (p: { got: string }): Told => [
    `"${p.got}" is not a name`,
    "use letters, digits, dot, dash, underscore; begin with a letter or digit; at most 63",
  ],
  "schema/listen": (): Told => [
    "this is not an address to listen on",
    "write host:port, for example 127.0.0.1:8080; a port is 0 to 65535",
  ],
  "schema/phone": (): Told => [
    "this is not a phone number in international form",
    'put it in quotes, with + and the country\'s code: "+8613800138000"',
  ],
  "schema/email": (): Told => ["this is not an e-mail address", "for example night@example.com"],
  "schema/date": (p: { got: string }): Told => [`"${p.got}" is not a date`, "write YYYY-MM-DD"],
  "schema/time-of-day": (p: { got: string }): Told => [
    `"${p.got}" is not a time of day`,
    'write HH:MM from "00:00" to "23:59", in quotes',
  ],
  "schema/custom": (p: { text: string }): Told => [checkDriverText.en[p.text] ?? p.text],
  "quantity/duration": (p: { got: string; suggestions: readonly string[] }): Told => [
    `"${p.got}" is not a duration`,
    p.suggestions.length === 0
      ? "write a number with ms, s, min, h or d, for example 10s or 5min"
      : `write ${p.suggestions.join(" or ")}`,
  ],
  "quantity/duration-range": (p: { min: string; max: string }): Told => [
    `must be between ${p.min} and ${p.max}`,
  ],
  "quantity/mass": (p: { got: string; suggestions: readonly string[] }): Told => [
    `"${p.got}" is not a weight`,
    p.suggestions.length === 0
      ? "write a number with mg, g, kg or t: 84.2 g"
      : `write ${p.suggestions.join(" or ")}`,
  ],
};

const zh: typeof en = {
  "schema/unknown-key": (p) => [
    `未知键“${p.key}”${didYouMeanZh(p.suggestion)}`,
    p.belongsTo !== ""
      ? `请检查缩进：“${p.key}”应属于${p.belongsTo === topLevel ? "最外层" : ` ${p.belongsTo}`}`
      : p.suggestion === "" && p.known.length > 0
        ? `可用的键：${p.known.join("、")}`
        : undefined,
  ],
  "schema/missing": (p) => [`缺少键“${p.key}”${p.kind === "" ? "" : `（${kindZh[p.kind]}）`}`],
  "schema/type": (p) => [
    `应为${p.expected.map((kind) => kindZh[kind]).join("或")}，实际为${
      p.written === "" ? kindZh[p.got] : `${kindZh[p.got]}：${p.written}`
    }`,
    typeHintZh[p.fix](p.written),
  ],
  "schema/value": (p) => [
    `此处不能写“${p.got}”${didYouMeanZh(p.suggestion)}`,
    `可用的值：${p.allowed.join("、")}`,
  ],
  "schema/too-small": (p) => [
    p.of === "value"
      ? `太小：必须${p.inclusive ? "不小于" : "大于"} ${p.limit}`
      : `太短：至少需要 ${p.limit} ${p.of === "text" ? "个字符" : "项"}`,
  ],
  "schema/too-big": (p) => [
    p.of === "value"
      ? `太大：必须${p.inclusive ? "不大于" : "小于"} ${p.limit}`
      : `太长：最多 ${p.limit} ${p.of === "text" ? "个字符" : "项"}`,
  ],
  "schema/step": (p) => [`必须是 ${p.step} 的倍数`],
  "schema/url": () => ["这不是网址", "例如 https://central.example.com"],
  "schema/format": (p) => [
    "文本格式不符合要求",
    p.pattern === "" ? undefined : `格式：${p.pattern}`,
  ],
  "schema/id": (p) => [
    `“${p.got}”不能用作名称`,
    "请使用字母、数字、点、短横线、下划线，以字母或数字开头，最多 63 个字符",
  ],
  "schema/listen": () => [
    "这不是监听地址",
    "请写成 主机:端口，例如 127.0.0.1:8080；端口为 0 到 65535",
  ],
  "schema/phone": () => [
    "这不是国际格式的电话号码",
    '请加引号，以 + 和国家代码开头："+8613800138000"',
  ],
  "schema/email": () => ["这不是电子邮件地址", "例如 night@example.com"],
  "schema/date": (p) => [`“${p.got}”不是日期`, "请写成 年-月-日，例如 2026-05-31"],
  "schema/time-of-day": (p) => [`“${p.got}”不是时刻`, '请写成 "00:00" 到 "23:59"，并加引号'],
  "schema/custom": (p) => [checkDriverText.zh[p.text] ?? p.text],
  "quantity/duration": (p) => [
    `“${p.got}”不是时长`,
    p.suggestions.length === 0
      ? "请写数字加单位 ms、s、min、h 或 d，例如 10s 或 5min"
      : `请写 ${p.suggestions.join(" 或 ")}`,
  ],
  "quantity/duration-range": (p) => [`必须在 ${p.min} 到 ${p.max} 之间`],
  "quantity/mass": (p) => [
    `“${p.got}”不是重量`,
    p.suggestions.length === 0
      ? "请写数字加单位 mg、g、kg 或 t，例如 84.2 g"
      : `请写 ${p.suggestions.join(" 或 ")}`,
  ],
};

/** What is said about single values and keys. */
export const checkValueText: Texts<typeof en> = { en, zh };
