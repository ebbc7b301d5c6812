import type { Texts } from "./language.ts";

/** A message, and what to do about it where the message does not say so itself. */
export type Told = readonly [message: string, hint?: string | undefined];

const or = (words: readonly string[]) => words.join(", ");
const quoted = (words: readonly string[]) => words.map((word) => `"${word}"`).join(", ");
export const didYouMean = (word: string) => (word === "" ? "" : `, did you mean "${word}"?`);
export const didYouMeanZh = (word: string) => (word === "" ? "" : `，是否应为“${word}”？`);

const en = {
  "file/missing": (): Told => ["the file does not exist", "check the name and the folder"],
  "file/unreadable": (p: { reason: string }): Told => [
    `the file cannot be read (${p.reason})`,
    "check who owns the file and its permissions",
  ],
  "file/not-a-file": (): Told => ["this is not an ordinary file"],
  "file/too-large": (p: { kilobytesMax: number }): Told => [
    `the file is larger than ${p.kilobytesMax} KB`,
    "is this the right file? Device models belong into templates",
  ],
  "file/binary": (): Told => [
    "this is not a text file: it holds control characters",
    "write the configuration in a text editor and save it as UTF-8",
  ],
  "file/not-utf8": (): Told => [
    "this text is not UTF-8",
    "save the file as UTF-8 (in an editor on Windows: Save as, encoding UTF-8)",
  ],
  "file/empty": (): Told => ["the file is empty", "start from config/gateway.example.yaml"],
  "problems/more": (p: { count: number }): Told => [`${p.count} more problems are not shown`],
  "yaml/tab": (): Told => ["a tab in the indentation", "indent with spaces, two for each level"],
  "yaml/indent": (): Told => [
    "the indentation does not fit the lines above",
    "lines of one level start in the same column; indent with two spaces",
  ],
  "yaml/nested-mapping": (): Told => [
    'a second ": " in one line',
    "put the value in quotes, or start it on a line of its own",
  ],
  "yaml/missing-character": (): Told => [
    "a quote, a bracket, a comma or a colon is missing",
    "look at this line and the one above it",
  ],
  "yaml/escape": (): Told => [
    "an unknown \\ sequence inside double quotes",
    "write \\\\ for a backslash, or use single quotes",
  ],
  "yaml/unexpected": (): Told => [
    "this character does not belong here",
    "put text that starts with @ ` % [ ] { } , & * ! | > in quotes",
  ],
  "yaml/multiline-key": (): Told => [
    "a line without a colon",
    'every line of a mapping reads "key: value"',
  ],
  "yaml/documents": (): Told => ["a second document begins here", 'remove the line "---"'],
  "yaml/tag": (p: { tag: string }): Told => [
    `unknown tag "${p.tag}"`,
    "the only tag of a configuration is !secret name",
  ],
  "yaml/too-deep": (): Told => ["nested too deeply"],
  "yaml/alias": (): Told => [
    "anchors (&) and aliases (*) are not used in a configuration",
    "write the value out, or put what repeats into a template",
  ],
  "yaml/syntax": (p: { detail: string }): Told => [`this is not valid YAML (${p.detail})`],
  "yaml/version": (): Told => [
    "YAML 1.1 is not used",
    "remove the line that begins with %YAML: there, on and yes would turn into true",
  ],
  "yaml/key": (): Told => ["a key must be plain text"],
  "yaml/duplicate-key": (p: { key: string; line: number }): Told => [
    `the key "${p.key}" stands twice, first in line ${p.line}`,
    "remove one of them",
  ],
  "yaml/octal": (p: { written: string; read: string }): Told => [
    `"${p.written}" is read as the number ${p.read}`,
    `write "${p.written}" in quotes for text, or ${p.read} for the number`,
  ],
  "secret/literal": (): Told => [
    "a secret does not belong into this file",
    "write `!secret name` here, and in secrets.yaml beside this file: `name: the secret`",
  ],
  "secret/misplaced": (): Told => [
    "!secret is only for passwords and credentials",
    "write the value itself here",
  ],
  "secret/name": (): Told => [
    "!secret needs a name of letters, digits, dot, dash or underscore",
    "for example `!secret central`",
  ],
  "secret/unknown": (p: { name: string; looked: readonly string[] }): Told => [
    `the secret "${p.name}" was not found`,
    `looked for it in: ${p.looked.join("; ")}`,
  ],
  "secret/empty": (p: { name: string; where: string }): Told => [
    `the secret "${p.name}" is empty in ${p.where}`,
  ],
  "secret/file-mode": (p: { mode: string; file: string }): Told => [
    `others may read this file (mode ${p.mode})`,
    `chmod 600 ${p.file}`,
  ],
  "secret/file-owner": (p: { file: string }): Told => [
    "this file belongs to another user",
    `chown it to root or to the user of the gateway: ${p.file}`,
  ],
  "secret/file-value": (): Told => [
    "a secret is one line of text",
    "write `name: the secret`, in quotes if it is a number",
  ],
  "template/unknown": (p: { id: string; suggestion: string; known: readonly string[] }): Told => [
    `unknown template "${p.id}"${didYouMean(p.suggestion)}`,
    p.known.length === 0 ? "there are no templates" : `templates: ${or(p.known)}`,
  ],
  "template/name": (): Told => ["a template is named by the id of its file, for example xy-md02"],
  "template/driver": (p: { id: string; has: string; wants: string }): Told => [
    `template "${p.id}" is for driver ${p.has}, this channel's driver is ${p.wants}`,
  ],
  "template/no-driver": (p: { driver: string }): Told => [
    `driver ${p.driver} has no templates`,
    "describe the device's points here",
  ],
  "driver/unknown": (p: { got: string; suggestion: string; known: readonly string[] }): Told => [
    p.got === ""
      ? "the channel names no driver"
      : `unknown driver "${p.got}"${didYouMean(p.suggestion)}`,
    `drivers: ${quoted(p.known)}`,
  ],
};

const zh: typeof en = {
  "file/missing": () => ["文件不存在", "请检查文件名和目录"],
  "file/unreadable": (p) => [`无法读取文件（${p.reason}）`, "请检查文件的所有者和权限"],
  "file/not-a-file": () => ["这不是普通文件"],
  "file/too-large": (p) => [
    `文件大于 ${p.kilobytesMax} KB`,
    "请确认文件是否正确；设备型号应写在模板中",
  ],
  "file/binary": () => ["这不是文本文件：其中含有控制字符", "请用文本编辑器编写并保存为 UTF-8"],
  "file/not-utf8": () => [
    "这段文字不是 UTF-8 编码",
    "请将文件另存为 UTF-8 编码（不要用 GBK/ANSI）",
  ],
  "file/empty": () => ["文件为空", "请参照 config/gateway.example.yaml 编写"],
  "problems/more": (p) => [`还有 ${p.count} 个问题未显示`],
  "yaml/tab": () => ["缩进中使用了制表符", "请用空格缩进，每级两个空格"],
  "yaml/indent": () => ["缩进与上面的行不一致", "同一级的行从同一列开始；每级缩进两个空格"],
  "yaml/nested-mapping": () => ["一行中出现了第二个“: ”", "请给值加上引号，或另起一行书写"],
  "yaml/missing-character": () => ["缺少引号、括号、逗号或冒号", "请检查本行和上一行"],
  "yaml/escape": () => ["双引号中有无法识别的 \\ 转义", "反斜杠请写成 \\\\，或改用单引号"],
  "yaml/unexpected": () => [
    "此处不应出现这个字符",
    "以 @ ` % [ ] { } , & * ! | > 开头的文字请加引号",
  ],
  "yaml/multiline-key": () => ["这一行缺少冒号", "映射中的每一行都应写成“键: 值”"],
  "yaml/documents": () => ["从这里开始了第二个文档", "请删除“---”这一行"],
  "yaml/tag": (p) => [`未知标签“${p.tag}”`, "配置中唯一可用的标签是 !secret 名称"],
  "yaml/too-deep": () => ["嵌套层数过多"],
  "yaml/alias": () => ["配置中不使用锚点（&）和别名（*）", "请直接写出值，重复的内容放入模板"],
  "yaml/syntax": (p) => [`不是有效的 YAML（${p.detail}）`],
  "yaml/version": () => ["不使用 YAML 1.1", "请删除以 %YAML 开头的行：否则 on 和 yes 会变成 true"],
  "yaml/key": () => ["键必须是普通文本"],
  "yaml/duplicate-key": (p) => [`键“${p.key}”重复，第一次出现在第 ${p.line} 行`, "请删除其中一个"],
  "yaml/octal": (p) => [
    `“${p.written}”会被读成数字 ${p.read}`,
    `若是文本请写 "${p.written}"（加引号），若是数字请写 ${p.read}`,
  ],
  "secret/literal": () => [
    "密码等机密不能直接写在此文件中",
    "此处写 `!secret 名称`，并在同目录的 secrets.yaml 中写 `名称: 机密内容`",
  ],
  "secret/misplaced": () => ["!secret 只用于密码和凭据", "此处请直接写值"],
  "secret/name": () => [
    "!secret 后面要有名称（字母、数字、点、短横线或下划线）",
    "例如 `!secret central`",
  ],
  "secret/unknown": (p) => [`找不到机密“${p.name}”`, `已查找：${p.looked.join("；")}`],
  "secret/empty": (p) => [`机密“${p.name}”在 ${p.where} 中为空`],
  "secret/file-mode": (p) => [`其他用户可以读取此文件（权限 ${p.mode}）`, `chmod 600 ${p.file}`],
  "secret/file-owner": (p) => [
    "此文件属于其他用户",
    `请用 chown 改为 root 或网关用户所有：${p.file}`,
  ],
  "secret/file-value": () => ["机密应为一行文本", "写成 `名称: 机密内容`，若是数字请加引号"],
  "template/unknown": (p) => [
    `未知模板“${p.id}”${didYouMeanZh(p.suggestion)}`,
    p.known.length === 0 ? "没有可用的模板" : `可用模板：${p.known.join("、")}`,
  ],
  "template/name": () => ["模板用其文件的名称表示，例如 xy-md02"],
  "template/driver": (p) => [`模板“${p.id}”用于驱动 ${p.has}，而此通道的驱动是 ${p.wants}`],
  "template/no-driver": (p) => [`驱动 ${p.driver} 没有模板`, "请在此处写出设备的点"],
  "driver/unknown": (p) => [
    p.got === "" ? "通道未指定驱动" : `未知驱动“${p.got}”${didYouMeanZh(p.suggestion)}`,
    `可用驱动：${p.known.join("、")}`,
  ],
};

/** What is said about files, YAML, secrets and templates. */
export const checkFileText: Texts<typeof en> = { en, zh };
