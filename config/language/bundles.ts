import type { Texts } from "./language.ts";

interface Said {
  readonly message: string;
  readonly todo: string;
}

const en = {
  notBundle: (): Said => ({
    message: "this is no file of Rackwatch",
    todo: "Give bundles (.rwb) to central and its answers (.rwa) to the gateway.",
  }),
  version: (got: number): Said => ({
    message: `written by a newer Rackwatch (format ${got})`,
    todo: "Update central before the gateways.",
  }),
  cut: (got: number, whole: number): Said => ({
    message: `cut short: ${got} of ${whole} bytes are there`,
    todo: "Copy it again, and eject the stick before it is pulled. Nothing of it was taken.",
  }),
  cutAnswer: (): Said => ({
    message: "cut short or damaged: an answer that cannot be read",
    todo: "Copy it again from central, and eject the stick before it is pulled. Nothing of it was taken.",
  }),
  tooLong: (bytesMax: number): Said => ({
    message: `longer than the ${bytesMax} bytes that a bundle may have`,
    todo: "A gateway writes none that long: look where it comes from.",
  }),
  damaged: (): Said => ({
    message: "damaged: its content is not what its seal is of",
    todo: "Copy it again, or export anew; if it stays, replace the stick. Nothing of it was taken.",
  }),
  seal: (gateway: string): Said => ({
    message: `its seal is not that of gateway ${gateway}`,
    todo: "It comes from another company or another central, or was made before the gateway got its present credentials: then export anew.",
  }),
  unknownGateway: (gateway: string): Said => ({
    message: `this central knows no gateway ${gateway}`,
    todo: "It belongs to another central or another company; or enrol the gateway first.",
  }),
  early: (name: string): Said => ({
    message: `rows before it are missing at central: import ${name} first`,
    todo: "Give both in one call, in any order; or export anew from what central confirmed. Nothing of it was taken.",
  }),
  closed: (): Said => ({
    message: "the gateway has begun a later epoch since: its newer bundles hold what is missing",
    todo: "Import the newest bundles of this gateway.",
  }),
  stopped: (reason: string): Said => ({
    message: `stopped on the way (${reason})`,
    todo: "Import it again: what was taken is not taken twice.",
  }),
  refusedRows: (reason: string): Said => ({
    message: `central refuses rows of it (${reason})`,
    todo: "Carry the answer back: the gateway sets apart what is refused, and the rest comes with its next bundle.",
  }),
  refusedWhole: (reason: string): Said => ({
    message: `central refuses it (${reason})`,
    todo: "Look at this gateway's conflicts at central.",
  }),
  otherGateway: (theirs: string, ours: string): Said => ({
    message: `an answer for gateway ${theirs}, this is ${ours}`,
    todo: "Carry it to the right machine.",
  }),
  answerSeal: (): Said => ({
    message: "its seal is not that of this gateway's central",
    todo: "It comes from another central or another company, or was changed on the way. Nothing of it was taken.",
  }),
  generation: (): Said => ({
    message: "the answer of another database of central than the one that answered before",
    todo: "If central was set up anew, say so: rackwatch bundle import --new-central. Nothing of it was taken.",
  }),
  older: (): Said => ({
    message: "older than an answer that was taken already",
    todo: "Nothing, if a newer one was taken. If central's clock was wrong then: rackwatch bundle import --older.",
  }),
  otherEpoch: (): Said => ({
    message: "it says nothing of the rows that this gateway writes now",
    todo: "Export anew, import that at central, and bring its answer.",
  }),
  noRoom: (folder: string): Said => ({
    message: `no room for a bundle: ${folder}`,
    todo: "Take bundles off the stick that central has, or use a larger one. Rows wait in the gateway's store.",
  }),
  folder: (folder: string): Said => ({
    message: `the folder cannot be used: ${folder}`,
    todo: "Check that the stick is writable and that the folder belongs to the agent's user.",
  }),
  address: (central: string): Said => ({
    message: `not an address of central that a token may be sent to: ${central}`,
    todo: "Give it as https://HOST, or as http://127.0.0.1:8090 on central's own machine.",
  }),
  unreachable: (central: string, reason: string): Said => ({
    message: `central does not answer at ${central} (${reason})`,
    todo: "Check address, network and --ca. The bundles stay as they are: import them again.",
  }),
  noToken: (): Said => ({
    message: "--central needs the token of an operator",
    todo: "Make one with `rackwatch central add-operator NAME --role operator`, and give its file with --token-file.",
  }),
  noRoad: (): Said => ({
    message: "no road of sync has credentials to seal bundles with",
    todo: "Add one with via: file under sync.uplinks, or name another with --road.",
  }),
  exported: (name: string, rows: number): string => `${name}: ${rows} rows`,
  question: (name: string): string =>
    `${name}: no rows, central has confirmed all; it asks for central's messages`,
  nothing: "nothing to export: central has confirmed everything",
  exportedTodo: "Carry them to central: rackwatch central import DIR, and bring its answer back.",
  taken: (file: string, events: number, samples: number): string =>
    `${file}: taken; central has events up to ${events} and samples up to ${samples}`,
  known: (file: string): string => `${file}: known already`,
  imported: (file: string, rows: number): string => `${file}: ${rows} rows taken`,
  noFiles: "no bundle and no answer was found",
  answerWritten: (file: string): string => `answer for the gateway: ${file}`,
};

const zh: typeof en = {
  notBundle: () => ({
    message: "这不是 Rackwatch 的文件",
    todo: "请把数据包（.rwb）交给中心服务器，把它的应答（.rwa）交给网关。",
  }),
  version: (got) => ({
    message: `由更新版本的 Rackwatch 写成（格式 ${got}）`,
    todo: "请先升级中心服务器，再升级网关。",
  }),
  cut: (got, whole) => ({
    message: `文件不完整：${whole} 字节中只有 ${got} 字节`,
    todo: "请重新复制，并在拔出前安全弹出。其中没有任何内容被采用。",
  }),
  cutAnswer: () => ({
    message: "文件不完整或已损坏：无法读取的应答",
    todo: "请从中心服务器重新复制，并在拔出前安全弹出。其中没有任何内容被采用。",
  }),
  tooLong: (bytesMax) => ({
    message: `超过数据包允许的 ${bytesMax} 字节`,
    todo: "网关不会写这么长的文件：请查明来源。",
  }),
  damaged: () => ({
    message: "已损坏：内容与封印不符",
    todo: "请重新复制或重新导出；若一直如此，请更换 U 盘。其中没有任何内容被采用。",
  }),
  seal: (gateway) => ({
    message: `封印不是网关 ${gateway} 的`,
    todo: "它来自其他公司或其他中心服务器，或在网关更换凭据之前生成：请重新导出。",
  }),
  unknownGateway: (gateway) => ({
    message: `本中心服务器不认识网关 ${gateway}`,
    todo: "它属于其他中心服务器或其他公司；或请先登记该网关。",
  }),
  early: (name) => ({
    message: `中心服务器缺少它之前的数据：请先导入 ${name}`,
    todo: "可在一次导入中给出两者，顺序不限；或从已确认处重新导出。其中没有任何内容被采用。",
  }),
  closed: () => ({
    message: "该网关此后已开始新的纪元：缺少的数据在其更新的数据包中",
    todo: "请导入该网关最新的数据包。",
  }),
  stopped: (reason) => ({
    message: `中途停止（${reason}）`,
    todo: "请再次导入：已采用的不会重复采用。",
  }),
  refusedRows: (reason) => ({
    message: `中心服务器拒绝其中的行（${reason}）`,
    todo: "请把应答带回网关：网关会搁置被拒绝的行，其余随下一个数据包送来。",
  }),
  refusedWhole: (reason) => ({
    message: `中心服务器拒绝（${reason}）`,
    todo: "请在中心服务器上查看该网关的冲突记录。",
  }),
  otherGateway: (theirs, ours) => ({
    message: `这是给网关 ${theirs} 的应答，而本机是 ${ours}`,
    todo: "请带到正确的机器。",
  }),
  answerSeal: () => ({
    message: "封印不是本网关的中心服务器的",
    todo: "它来自其他中心服务器或其他公司，或在途中被改动。其中没有任何内容被采用。",
  }),
  generation: () => ({
    message: "这是另一个中心数据库的应答，与之前应答的不同",
    todo: "若中心服务器已重新建立，请声明：rackwatch bundle import --new-central。其中没有任何内容被采用。",
  }),
  older: () => ({
    message: "比已采用的应答更旧",
    todo: "若已采用更新的应答，无需操作。若当时中心服务器的时钟有误：rackwatch bundle import --older。",
  }),
  otherEpoch: () => ({
    message: "其中没有关于本网关当前数据的内容",
    todo: "请重新导出，在中心服务器导入，再带回应答。",
  }),
  noRoom: (folder) => ({
    message: `没有空间写数据包：${folder}`,
    todo: "请从 U 盘删除中心服务器已有的数据包，或换更大的 U 盘。数据在网关中等待。",
  }),
  folder: (folder) => ({
    message: `无法使用该目录：${folder}`,
    todo: "请检查 U 盘是否可写，目录是否属于代理的用户。",
  }),
  address: (central) => ({
    message: `不是可以发送令牌的中心服务器地址：${central}`,
    todo: "请写成 https://主机，或在中心服务器本机写成 http://127.0.0.1:8090。",
  }),
  unreachable: (central, reason) => ({
    message: `中心服务器 ${central} 没有应答（${reason}）`,
    todo: "请检查地址、网络和 --ca。数据包保持不变：请再次导入。",
  }),
  noToken: () => ({
    message: "--central 需要操作员的令牌",
    todo: "请用 `rackwatch central add-operator 姓名 --role operator` 生成，并用 --token-file 给出其文件。",
  }),
  noRoad: () => ({
    message: "sync 中没有可用于封印数据包的凭据",
    todo: "请在 sync.uplinks 下加一条 via: file 的通路，或用 --road 指定另一条。",
  }),
  exported: (name, rows) => `${name}：${rows} 行`,
  question: (name) => `${name}：没有数据行，中心服务器已全部确认；用于取回中心服务器的消息`,
  nothing: "没有可导出的数据：中心服务器已全部确认",
  exportedTodo: "请带到中心服务器：rackwatch central import DIR，再带回它的应答。",
  taken: (file, events, samples) =>
    `${file}：已采用；中心服务器的 events 已到 ${events}，samples 已到 ${samples}`,
  known: (file) => `${file}：此前已采用`,
  imported: (file, rows) => `${file}：采用 ${rows} 行`,
  noFiles: "没有找到数据包或应答",
  answerWritten: (file) => `给网关的应答：${file}`,
};

export const bundleText: Texts<typeof en> = { en, zh };
export type BundleText = typeof en;
