import type { Texts } from "./language.ts";

const en = {
  codeOnce: (gateway: string, until: string) =>
    `This code enrols gateway ${gateway} once, until ${until}. Type it there: rackwatch enroll CODE --central URL --data DIR`,
  revokedGateway: (gateway: string) =>
    `gateway ${gateway} is out: its certificates, its token and its codes are void`,
  revokedCertificate: (gateway: string, serial: string) =>
    `certificate ${serial} of gateway ${gateway} is void`,
  tokenDropped: (gateway: string) => `the token of gateway ${gateway} is void`,
  list: {
    gateway: "gateway",
    certificate: "certificate",
    until: "until",
    token: "token",
    state: "state",
    yes: "yes",
    no: "no",
    revoked: (at: string) => `revoked ${at}`,
    expired: "expired",
    unused: "not used yet",
    code: (until: string) => `code until ${until}`,
    none: "no way in",
    good: "good",
  },
  enrolled: (gateway: string, until: string) =>
    `This machine is gateway ${gateway}. Its certificate is good until ${until} and renews itself.`,
  dropCredentials:
    "Take sync.credentials out of the configuration, so that the certificate is used.",
  already: (gateway: string, until: string) => ({
    message: `this data folder is enrolled as gateway ${gateway}, until ${until}`,
    todo: "Give --again to enrol it anew: the certificate that it has ends with that.",
  }),
  noCentral: {
    message: "where is central?",
    todo: "Give --central URL, or --config FILE with sync.central in it.",
  },
  plain: (where: string) => ({
    message: `the code and central's answer would travel unprotected: ${where}`,
    todo: "Give an https:// address.",
  }),
  clock: (where: string, shown: string) => ({
    message: `central's certificate cannot be checked, because the clock of this machine shows ${shown}: ${where}`,
    todo: "Set the clock (timedatectl set-time ...), or compare the certificate's fingerprint by phone and give it with --fingerprint SHA256.",
  }),
  unknownAuthority: (where: string, reason: string) => ({
    message: `central's certificate cannot be trusted (${reason}): ${where}`,
    todo: "Give the authority that it is from with --ca FILE, or compare its fingerprint by phone and give that with --fingerprint SHA256.",
  }),
  badCa: {
    message: "this is no certificate",
    todo: "Give a PEM file with --ca: it begins with -----BEGIN CERTIFICATE-----.",
  },
  fingerprintForm: {
    message: "this is no fingerprint",
    todo: "Give 64 hexadecimal digits, as in `openssl x509 -noout -fingerprint -sha256 -in central.pem`.",
  },
  fingerprint: (where: string, shown: string) => ({
    message: `what answers has another certificate, with fingerprint ${shown}: ${where}`,
    todo: "Do not go on unless whoever runs central confirms this fingerprint: somebody else may be answering.",
  }),
  refusedCode: {
    "code-wrong": {
      message: "central has no such code for this gateway",
      todo: "Look for a mistyped character; else make a new code with `rackwatch central enroll-code GATEWAY`.",
    },
    "code-used": {
      message: "this code was used already",
      todo: "Make a new one with `rackwatch central enroll-code GATEWAY`. If nobody here used it, revoke the gateway first: `rackwatch central revoke GATEWAY`.",
    },
    "code-expired": {
      message: "this code is no longer valid",
      todo: "Make a new one with `rackwatch central enroll-code GATEWAY`.",
    },
  },
  tooMany: (seconds: number) => ({
    message: "central takes no further codes from here for a while",
    todo: `Try again in ${seconds} s.`,
  }),
  noKeys: {
    message: "this central issues no certificates",
    todo: "Start it with --keys DIR, or use a token: `rackwatch central add-gateway GATEWAY`.",
  },
  notKept: (where: string) => ({
    message: `the identity cannot be kept: ${where}`,
    todo: "Run it as root or as the agent's user (rackwatch-sync); the same code works again for 10 minutes.",
  }),
  endsSoon: (days: number, reason: string) => ({
    message: `this gateway's certificate ends in ${days} days and could not be renewed: ${reason}`,
    todo: "Bring the gateway's network back, or enrol it anew: `rackwatch central enroll-code GATEWAY`, `rackwatch enroll CODE --again`.",
  }),
  doctor: {
    none: "no certificate: this gateway is known to central by a token, or not enrolled",
    damagedTodo:
      "Enrol anew: `rackwatch central enroll-code GATEWAY`, `rackwatch enroll CODE --again`.",
    good: (gateway: string, days: number) =>
      `certificate of gateway ${gateway}, good for ${days} days`,
    ended: (gateway: string) => `the certificate of gateway ${gateway} has ended`,
    other: (gateway: string, configured: string) =>
      `the certificate is of gateway ${gateway}, the configuration of ${configured}`,
  },
};

const zh: typeof en = {
  codeOnce: (gateway, until) =>
    `此代码可将网关 ${gateway} 登记一次，有效期至 ${until}。请在网关上输入：rackwatch enroll CODE --central URL --data DIR`,
  revokedGateway: (gateway) => `网关 ${gateway} 已吊销：其证书、令牌和登记码全部失效`,
  revokedCertificate: (gateway, serial) => `网关 ${gateway} 的证书 ${serial} 已失效`,
  tokenDropped: (gateway) => `网关 ${gateway} 的令牌已失效`,
  list: {
    gateway: "网关",
    certificate: "证书",
    until: "有效期至",
    token: "令牌",
    state: "状态",
    yes: "有",
    no: "无",
    revoked: (at) => `已吊销 ${at}`,
    expired: "已过期",
    unused: "尚未使用",
    code: (until) => `登记码有效期至 ${until}`,
    none: "无法接入",
    good: "正常",
  },
  enrolled: (gateway, until) => `本机已登记为网关 ${gateway}。证书有效期至 ${until}，会自动续期。`,
  dropCredentials: "请从配置中删除 sync.credentials，以便使用证书。",
  already: (gateway, until) => ({
    message: `此数据目录已登记为网关 ${gateway}，有效期至 ${until}`,
    todo: "若要重新登记请加 --again：原有证书随即失效。",
  }),
  noCentral: {
    message: "中心服务器在哪里？",
    todo: "请给出 --central URL，或给出含有 sync.central 的 --config FILE。",
  },
  plain: (where) => ({
    message: `登记码和中心服务器的应答将不受保护地传输：${where}`,
    todo: "请使用 https:// 地址。",
  }),
  clock: (where, shown) => ({
    message: `无法检查中心服务器的证书，因为本机时钟显示 ${shown}：${where}`,
    todo: "请设置时钟（timedatectl set-time ...），或通过电话核对证书指纹并用 --fingerprint SHA256 给出。",
  }),
  unknownAuthority: (where, reason) => ({
    message: `中心服务器的证书不可信（${reason}）：${where}`,
    todo: "请用 --ca FILE 给出签发它的机构，或通过电话核对指纹并用 --fingerprint SHA256 给出。",
  }),
  badCa: {
    message: "这不是证书",
    todo: "请用 --ca 给出 PEM 文件：以 -----BEGIN CERTIFICATE----- 开头。",
  },
  fingerprintForm: {
    message: "这不是指纹",
    todo: "请给出 64 位十六进制数，例如 `openssl x509 -noout -fingerprint -sha256 -in central.pem` 的输出。",
  },
  fingerprint: (where, shown) => ({
    message: `应答方的证书不同，其指纹为 ${shown}：${where}`,
    todo: "除非中心服务器的管理员确认此指纹，否则不要继续：应答的可能是他人。",
  }),
  refusedCode: {
    "code-wrong": {
      message: "中心服务器没有适用于本网关的此登记码",
      todo: "请检查是否输错；否则用 `rackwatch central enroll-code GATEWAY` 生成新的登记码。",
    },
    "code-used": {
      message: "此登记码已被使用",
      todo: "请用 `rackwatch central enroll-code GATEWAY` 生成新的登记码。若这里无人用过，请先吊销该网关：`rackwatch central revoke GATEWAY`。",
    },
    "code-expired": {
      message: "此登记码已过期",
      todo: "请用 `rackwatch central enroll-code GATEWAY` 生成新的登记码。",
    },
  },
  tooMany: (seconds) => ({
    message: "中心服务器暂时不再接受来自此处的登记码",
    todo: `请在 ${seconds} 秒后重试。`,
  }),
  noKeys: {
    message: "此中心服务器不签发证书",
    todo: "请用 --keys DIR 启动，或使用令牌：`rackwatch central add-gateway GATEWAY`。",
  },
  notKept: (where) => ({
    message: `身份无法保存：${where}`,
    todo: "请以 root 或同步进程的用户（rackwatch-sync）运行；同一登记码在 10 分钟内仍可使用。",
  }),
  endsSoon: (days, reason) => ({
    message: `本网关的证书将在 ${days} 天后到期，且未能续期：${reason}`,
    todo: "请恢复网关的网络，或重新登记：`rackwatch central enroll-code GATEWAY`，`rackwatch enroll CODE --again`。",
  }),
  doctor: {
    none: "没有证书：本网关以令牌接入中心服务器，或尚未登记",
    damagedTodo:
      "请重新登记：`rackwatch central enroll-code GATEWAY`，`rackwatch enroll CODE --again`。",
    good: (gateway, days) => `网关 ${gateway} 的证书，还有 ${days} 天有效`,
    ended: (gateway) => `网关 ${gateway} 的证书已过期`,
    other: (gateway, configured) => `证书属于网关 ${gateway}，而配置是 ${configured} 的`,
  },
};

export const identityText: Texts<typeof en> = { en, zh };
export type IdentityText = typeof en;
