import type { Texts } from "./language.ts";

const en = {
  unreachable: (where: string) => ({
    message: `central does not answer: ${where}`,
    todo: "Check the network and that central runs. Nothing is lost: rows wait in the gateway's store.",
  }),
  certificate: (where: string, reason: string) => ({
    message: `central's certificate cannot be trusted (${reason}): ${where}`,
    todo: "Check the gateway's clock, central's name in sync.central, and sync.caFile.",
  }),
  notYetValid: (where: string, shown: string) => ({
    message: `central's certificate is not valid yet by this gateway's clock, which shows ${shown}: ${where}`,
    todo: "Set the clock (`timedatectl` shows who keeps it). Until then nothing is sent and nothing is lost; the agent goes on by itself.",
  }),
  unauthorized: (where: string) => ({
    message: `central refuses this gateway's credentials: ${where}`,
    todo: "Make a new token on central with `rackwatch central add-gateway ID` and put it into sync.credentials.",
  }),
  sealRefused: (where: string) => ({
    message: `central does not know this gateway's seal, or has revoked it: ${where}`,
    todo: "Alarms go on here, and nothing is lost. An enrolled gateway: `rackwatch central enroll-code GATEWAY` there, `rackwatch enroll CODE --again` here. One with a token: `rackwatch central add-gateway ID`, and the token into credentials of this road.",
  }),
  damaged: (where: string) => ({
    message: `what was sent arrived damaged: ${where}`,
    todo: "Nothing: it is sent again. If it stays, look at the network and its proxies between here and central.",
  }),
  strayReply: {
    message: "central's reply belongs to another request",
    todo: "Nothing: central is asked where it stands. If it stays, look for a proxy that mixes up replies.",
  },
  locked: (where: string) => ({
    message: `another agent ships this data folder: ${where}`,
    todo: "End one of the two (systemctl status rackwatch-sync); this one waits until then.",
  }),
  otherId: (running: string, wanted: string) => ({
    message: `the configuration is of the gateway ${wanted}, and the agent ships the log of ${running}`,
    todo: "Restart gateway and agent if the gateway shall have another id; until then nothing of the file is used.",
  }),
  tooLarge: (where: string) => ({
    message: `central takes only smaller batches: ${where}`,
    todo: "Nothing: batches are made smaller. If it stays, raise the body limit of the proxy before central.",
  }),
  busy: (where: string) => ({
    message: `central is too busy: ${where}`,
    todo: "Nothing: it is tried again when central asked for it.",
  }),
  serverError: (where: string, status: number) => ({
    message: `central failed with status ${status}: ${where}`,
    todo: "Look into central's log. Nothing is lost: rows wait in the gateway's store.",
  }),
  notCentral: (where: string) => ({
    message: `what answers is not Rackwatch central: ${where}`,
    todo: "Check sync.central: a login page, a proxy or another program stands at this address.",
  }),
  refused: (where: string, reason: string) => ({
    message: `central refuses the request (${reason}): ${where}`,
    todo: "Update central before the gateways; if both are up to date, report this message.",
  }),
  conflict: (where: string, reason: string) => ({
    message: `central knows other rows of this gateway (${reason}): ${where}`,
    todo: "Look for a second machine with this gateway id, or a copied card. Then delete neither: set gateway.db aside so that a new epoch begins.",
  }),
  ahead: (lane: string, mark: number, head: number) =>
    `central has ${lane} up to ${mark}, this gateway only wrote ${head}`,
  corruptChunk: (lane: string, firstSeq: number, lastSeq: number) => ({
    message: `rows ${firstSeq} to ${lastSeq} of ${lane} are damaged on disk and were set aside`,
    todo: "Replace the SD card or disk when this comes again.",
  }),
  refusedRow: (lane: string, seq: number, reason: string) => ({
    message: `row ${seq} of ${lane} was set aside: ${reason}`,
    todo: "Nothing: it is on record as a gap, and the rows after it go on.",
  }),
  noStore: (where: string) => ({
    message: `the gateway's store is not there yet: ${where}`,
    todo: "Start `rackwatch run` with the same --data folder.",
  }),
  noSync: {
    message: "the configuration has no sync: section, so there is nothing to send",
    todo: "Add sync.central and sync.credentials to the configuration.",
  },
  notEnrolled: (where: string) => ({
    message: `this gateway has no credentials for ${where}: no token in the configuration, and it is not enrolled`,
    todo: "Run `rackwatch enroll CODE` with a code from `rackwatch central enroll-code ID`, or give the road credentials.",
  }),
  access: {
    revoked: (where: string, reason: string) => ({
      message: `central has revoked this gateway's access (${reason}): ${where}`,
      todo: "Alarms go on here. If it should be let in again: `rackwatch central enroll-code GATEWAY` there, `rackwatch enroll CODE --again` here.",
    }),
    expired: (where: string, reason: string) => ({
      message: `this gateway's certificate is out of date (${reason}): ${where}`,
      todo: "Make a code with `rackwatch central enroll-code GATEWAY`, then `rackwatch enroll CODE --again` here. Alarms go on meanwhile, and nothing is lost.",
    }),
    foreign: (where: string) => ({
      message: `central does not know the authority of this gateway's certificate: ${where}`,
      todo: "Check sync.central: it may be another company's. Else enrol anew: `rackwatch central enroll-code GATEWAY`, `rackwatch enroll CODE --again`.",
    }),
  },
  enrolledAs: (enrolled: string, configured: string) => ({
    message: `this data folder is enrolled as gateway ${enrolled}, the configuration is of ${configured}`,
    todo: "Set gateway.id, or enrol it under its id: `rackwatch central enroll-code ID` there, `rackwatch enroll CODE --again` here.",
  }),
  otherKey: (key: string) => ({
    message: `central signs with key ${key}, which this gateway does not trust: its messages are not taken`,
    todo: "Where central's keys were made anew, enrol this gateway again, or delete sync/trust.json in the data folder after you made sure of it. Else look who answers in central's place.",
  }),
  messageRefused: {
    "unknown-key": "signed with a key that this gateway does not trust",
    forged: "its signature does not fit",
    unreadable: "it is none that this version understands",
    "other-gateway": "it is for another gateway",
    "other-number": "it does not bear its number",
    hole: "messages before it are missing",
  },
  state: (where: string) => ({
    message: `the agent's own file cannot be written: ${where}`,
    todo: "Check that the disk has room and that the folder belongs to the agent's user.",
  }),
  brokerGone: (where: string, reason: string) => ({
    message: `the broker does not answer (${reason}): ${where}`,
    todo: "Check the network, the address and that the broker runs. Nothing is lost: rows wait in the gateway's store.",
  }),
  brokerRefused: (where: string, reason: string) => ({
    message: `the broker does not let this gateway in (${reason}): ${where}`,
    todo: "Correct username and password of this uplink, or the broker's rules for its topics.",
  }),
  brokerCertificate: {
    unreadable: (file: string, reason: string) => ({
      message: `the certificate for the broker cannot be used (${reason}): ${file}`,
      todo: "Check that both files are PEM, belong together and may be read by the agent's user. Nothing is lost: rows wait in the gateway's store.",
    }),
    required: (where: string) => ({
      message: `the broker demands a certificate, and none was shown: ${where}`,
      todo: "Give this uplink certificateFile and keyFile, or identity: true for the certificate of `rackwatch enroll`.",
    }),
    expired: (where: string, file: string, until: string) => ({
      message: `the broker refuses this gateway's certificate, which is good until ${until}: ${where}, ${file}`,
      todo: "Put a newer one there: it is used from the next connection on. Check the clocks of gateway and broker as well.",
    }),
    unknownAuthority: (where: string, file: string) => ({
      message: `the broker does not know the authority of this gateway's certificate: ${where}, ${file}`,
      todo: "Take a certificate of the authority that the broker trusts, or tell the broker of this one's authority.",
    }),
    refused: (where: string, file: string, reason: string) => ({
      message: `the broker refuses this gateway's certificate (${reason}): ${where}, ${file}`,
      todo: "Look into the broker's log, and for which use the certificate is made: it must be good for TLS clients.",
    }),
  },
  noAnswer: (where: string) => ({
    message: `central does not answer over the broker: ${where}`,
    todo: "Check that `rackwatch central --mqtt` reads from this broker with the same prefix. Nothing is lost: rows wait in the gateway's store.",
  }),
  hostOffline: (where: string, host: string) => ({
    message: `the primary host ${host} is offline: ${where}`,
    todo: "Start the host, or correct `host` of this uplink. Nothing is lost: rows wait in the gateway's store.",
  }),
  notDrained: "central could not be reached with everything; the rest waits in the store",
  tokenOnce: "This token is shown once. Put it where sync.credentials of the gateway points to:",
};

const zh: typeof en = {
  unreachable: (where) => ({
    message: `中心服务器没有应答：${where}`,
    todo: "请检查网络和中心服务器是否在运行。数据不会丢失，会在网关中等待。",
  }),
  certificate: (where, reason) => ({
    message: `中心服务器的证书不可信（${reason}）：${where}`,
    todo: "请检查网关时钟、sync.central 中的名称以及 sync.caFile。",
  }),
  notYetValid: (where, shown) => ({
    message: `按本网关的时钟（显示 ${shown}），中心服务器的证书尚未生效：${where}`,
    todo: "请设置时钟（`timedatectl` 可查看由谁校时）。在此之前不发送任何数据，也不会丢失；之后代理会自行继续。",
  }),
  unauthorized: (where) => ({
    message: `中心服务器拒绝本网关的令牌：${where}`,
    todo: "请在中心服务器上运行 `rackwatch central add-gateway ID` 生成新令牌，并填入 sync.credentials。",
  }),
  sealRefused: (where) => ({
    message: `中心服务器不认识本网关的签章，或已将其吊销：${where}`,
    todo: "本地报警照常进行，数据不会丢失。已登记的网关：在中心运行 `rackwatch central enroll-code GATEWAY`，再在此运行 `rackwatch enroll CODE --again`。使用令牌的网关：运行 `rackwatch central add-gateway ID`，并把令牌填入此通路的 credentials。",
  }),
  damaged: (where) => ({
    message: `发送的内容到达时已损坏：${where}`,
    todo: "无需操作：会重新发送。若一直如此，请检查到中心服务器之间的网络和代理。",
  }),
  strayReply: {
    message: "中心服务器的应答属于另一个请求",
    todo: "无需操作：会重新询问中心服务器的进度。若一直如此，请查找混淆应答的代理。",
  },
  locked: (where) => ({
    message: `另一个同步进程正在使用此数据目录：${where}`,
    todo: "请停止其中一个（systemctl status rackwatch-sync）；本进程会一直等待。",
  }),
  otherId: (running, wanted) => ({
    message: `该配置属于网关 ${wanted}，而同步进程正在发送 ${running} 的日志`,
    todo: "若确要更改网关编号，请重启网关和同步进程；在此之前不会采用该文件。",
  }),
  tooLarge: (where) => ({
    message: `中心服务器只接受更小的批次：${where}`,
    todo: "无需操作：批次会自动变小。若一直如此，请调大中心服务器前代理的请求体上限。",
  }),
  busy: (where) => ({
    message: `中心服务器太忙：${where}`,
    todo: "无需操作：会按中心服务器要求的时间重试。",
  }),
  serverError: (where, status) => ({
    message: `中心服务器出错，状态码 ${status}：${where}`,
    todo: "请查看中心服务器日志。数据不会丢失，会在网关中等待。",
  }),
  notCentral: (where) => ({
    message: `应答的不是 Rackwatch 中心服务器：${where}`,
    todo: "请检查 sync.central：该地址可能是登录页、代理或其他程序。",
  }),
  refused: (where, reason) => ({
    message: `中心服务器拒绝了请求（${reason}）：${where}`,
    todo: "请先升级中心服务器，再升级网关；若都已是最新，请报告此消息。",
  }),
  conflict: (where, reason) => ({
    message: `中心服务器上有本网关的另一份数据（${reason}）：${where}`,
    todo: "请查找是否有第二台使用相同网关 id 的机器或复制的存储卡。不要删除数据，请移走 gateway.db 以开始新的纪元。",
  }),
  ahead: (lane, mark, head) => `中心服务器的 ${lane} 已到 ${mark}，而本网关只写到 ${head}`,
  corruptChunk: (lane, firstSeq, lastSeq) => ({
    message: `${lane} 的第 ${firstSeq} 至 ${lastSeq} 行在磁盘上已损坏，已搁置`,
    todo: "若再次出现，请更换存储卡或磁盘。",
  }),
  refusedRow: (lane, seq, reason) => ({
    message: `${lane} 的第 ${seq} 行已搁置：${reason}`,
    todo: "无需操作：已记录为缺口，后面的数据继续发送。",
  }),
  noStore: (where) => ({
    message: `网关的数据库尚不存在：${where}`,
    todo: "请用相同的 --data 目录启动 `rackwatch run`。",
  }),
  noSync: {
    message: "配置中没有 sync: 部分，没有可发送的目标",
    todo: "请在配置中加入 sync.central 和 sync.credentials。",
  },
  notEnrolled: (where) => ({
    message: `本网关没有 ${where} 的凭据：配置中没有令牌，也尚未登记`,
    todo: "请用中心服务器上 `rackwatch central enroll-code ID` 得到的代码运行 `rackwatch enroll CODE`，或为该通路填写 credentials。",
  }),
  access: {
    revoked: (where, reason) => ({
      message: `中心服务器已吊销本网关的访问（${reason}）：${where}`,
      todo: "本地报警照常工作。若要重新接入：在中心服务器运行 `rackwatch central enroll-code GATEWAY`，在本机运行 `rackwatch enroll CODE --again`。",
    }),
    expired: (where, reason) => ({
      message: `本网关的证书不在有效期内（${reason}）：${where}`,
      todo: "请用 `rackwatch central enroll-code GATEWAY` 生成登记码，再在本机运行 `rackwatch enroll CODE --again`。报警照常工作，数据不会丢失。",
    }),
    foreign: (where) => ({
      message: `中心服务器不认识本网关证书的签发机构：${where}`,
      todo: "请检查 sync.central：可能是另一家公司的服务器。否则请重新登记：`rackwatch central enroll-code GATEWAY`，`rackwatch enroll CODE --again`。",
    }),
  },
  enrolledAs: (enrolled, configured) => ({
    message: `此数据目录登记为网关 ${enrolled}，而配置是 ${configured} 的`,
    todo: "请修改 gateway.id，或用该 id 重新登记：在中心服务器运行 `rackwatch central enroll-code ID`，在本机运行 `rackwatch enroll CODE --again`。",
  }),
  otherKey: (key) => ({
    message: `中心用密钥 ${key} 签名，本网关不信任该密钥，其消息不予接收`,
    todo: "如果中心更换了密钥，请重新注册本网关，或在核实之后删除数据目录中的 sync/trust.json；否则请检查是谁冒充中心应答。",
  }),
  messageRefused: {
    "unknown-key": "签名密钥不受本网关信任",
    forged: "签名不符",
    unreadable: "本版本无法理解",
    "other-gateway": "是给另一台网关的",
    "other-number": "编号不符",
    hole: "之前的消息缺失",
  },
  state: (where) => ({
    message: `同步进程自己的文件无法写入：${where}`,
    todo: "请检查磁盘空间，以及目录是否属于同步进程的用户。",
  }),
  brokerGone: (where, reason) => ({
    message: `消息代理没有应答（${reason}）：${where}`,
    todo: "请检查网络、地址以及消息代理是否在运行。数据不会丢失，会在网关中等待。",
  }),
  brokerRefused: (where, reason) => ({
    message: `消息代理拒绝本网关（${reason}）：${where}`,
    todo: "请更正此上行通道的用户名和密码，或消息代理对其主题的权限。",
  }),
  brokerCertificate: {
    unreadable: (file, reason) => ({
      message: `用于消息代理的证书无法使用（${reason}）：${file}`,
      todo: "请检查两个文件是否为 PEM 格式、是否配对、同步进程的用户是否可读。数据不会丢失，会在网关中等待。",
    }),
    required: (where) => ({
      message: `消息代理要求证书，而本网关没有出示：${where}`,
      todo: "请为此上行通道填写 certificateFile 和 keyFile，或填写 identity: true 以使用 `rackwatch enroll` 的证书。",
    }),
    expired: (where, file, until) => ({
      message: `消息代理拒绝本网关的证书，其有效期到 ${until}：${where}，${file}`,
      todo: "请放入新的证书，下次连接时即会使用。也请检查网关和消息代理的时钟。",
    }),
    unknownAuthority: (where, file) => ({
      message: `消息代理不认识本网关证书的签发机构：${where}，${file}`,
      todo: "请使用消息代理所信任机构签发的证书，或让消息代理信任此机构。",
    }),
    refused: (where, file, reason) => ({
      message: `消息代理拒绝本网关的证书（${reason}）：${where}，${file}`,
      todo: "请查看消息代理的日志，并检查证书的用途：必须可用于 TLS 客户端。",
    }),
  },
  noAnswer: (where) => ({
    message: `中心服务器没有通过消息代理应答：${where}`,
    todo: "请检查 `rackwatch central --mqtt` 是否以相同前缀连接此消息代理。数据不会丢失，会在网关中等待。",
  }),
  hostOffline: (where, host) => ({
    message: `主站 ${host} 离线：${where}`,
    todo: "请启动主站，或更正此上行通道的 host。数据不会丢失，会在网关中等待。",
  }),
  notDrained: "未能把全部数据送到中心服务器，其余数据在库中等待",
  tokenOnce: "此令牌只显示一次。请放到网关 sync.credentials 指向的位置：",
};

export const syncText: Texts<typeof en> = { en, zh };
export type SyncText = typeof en;
