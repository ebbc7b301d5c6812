import type { Texts } from "./language.ts";

const en = {
  title: "Access",
  about:
    "By what this gateway proves to central who it is. A certificate renews itself a month before it ends; a token does not end.",
  all: "Which gateways may report",
  allAbout: "Those whose certificate ends soonest come first; those that were shut out come last.",
  loading: "Asking central",
  revoked: (at: string) => `Shut out since ${at}`,
  revokedTodo:
    "Central takes nothing from it. Make an enrolment code and type it at the gateway to let it in again.",
  in: "May report",
  none: "Nothing lets it in",
  shutOut: "Shut out",
  awaited: "Waits for its code to be typed",
  nothing: "none",
  token: "Token",
  tokenYes: "has one",
  code: "Enrolment code",
  codeUntil: (at: string) => `not used yet, good until ${at}`,
  certificate: "Certificate",
  until: (at: string) => `good until ${at}`,
  certificates: "Certificates",
  serial: "Serial number",
  issued: "Issued",
  ends: "Good until",
  used: "First used",
  never: "never",
  state: "State",
  good: "good",
  over: "over",
  ended: "ended",
  endedBy: {
    "by an operator": "by a person at central",
    "enrolled anew": "the gateway was enrolled anew",
    "a newer one is in use": "a newer one is in use",
  },
  soon: "ends soon: it did not renew itself",
  enrol: {
    open: "Make an enrolment code",
    title: (gateway: string) => `Enrolment code for ${gateway}`,
    about:
      "Whoever types this code at a gateway makes it this gateway: the one that reports under the name now is shut out then. An earlier code that was not used is void at once.",
    addTitle: "Add a gateway",
    addAbout:
      "Central makes a code that is good once. Type it at the new gateway, and it may report.",
    id: "Short name",
    idHint:
      "Letters, digits, dot, dash and underscore, as gateway.id in its configuration: for example wh1-cold-2.",
    idWrong: "A gateway cannot have this short name.",
    name: "What people call it (optional)",
    known: (gateway: string) => `There is a gateway ${gateway} already.`,
    knownTodo: "Choose another short name, or make a code on the page of that gateway.",
    valid: "The code is good for",
    hours: { "1": "1 hour", "24": "1 day", "168": "7 days" },
    make: "Make the code",
    made: "This is the code:",
    once: (until: string) =>
      `It is shown this once only, and is good once, until ${until}. Write it down, or read it to whoever stands at the gateway.`,
    type: "To be typed at the gateway:",
    done: "I have it",
  },
  revoke: {
    titles: {
      all: (gateway: string) => `Shut out ${gateway}`,
      token: (gateway: string) => `End the token of ${gateway}`,
      certificate: (gateway: string) => `End a certificate: ${gateway}`,
    },
    why: {
      all: "Within a minute central takes nothing from it any more: its certificates, its token and its open codes end. Its lamps and buzzers go on warning on the spot, but nobody at central sees it. It gets in again only after somebody types a new code at the gateway itself.",
      token:
        "Whoever reports by this token is out within a minute. If the gateway has a good certificate it goes on by that; else it is out too.",
      certificate:
        "Whoever reports by this certificate is out within a minute. If the gateway has nothing else, somebody has to type a new code at the gateway itself.",
    },
    submit: { all: "Shut it out", token: "End the token", certificate: "End it" },
    type: (gateway: string) => `Type ${gateway} to say that you mean this one`,
    other: "That is not its short name. Nothing was ended.",
  },
};

const zh: typeof en = {
  title: "接入",
  about: "网关凭什么向中心证明身份。证书在到期前一个月自动更新；令牌没有期限。",
  all: "哪些网关可以上报",
  allAbout: "证书最先到期的排在前面；被禁止接入的排在最后。",
  loading: "正在查询",
  revoked: (at) => `自 ${at} 起禁止接入`,
  revokedTodo: "中心不再接收它的数据。要重新接入，请生成登记码，并在网关上输入。",
  in: "可以上报",
  none: "没有任何接入凭证",
  shutOut: "禁止接入",
  awaited: "等待在网关上输入登记码",
  nothing: "无",
  token: "令牌",
  tokenYes: "有",
  code: "登记码",
  codeUntil: (at) => `未使用，有效至 ${at}`,
  certificate: "证书",
  until: (at) => `有效至 ${at}`,
  certificates: "证书列表",
  serial: "序列号",
  issued: "签发于",
  ends: "有效至",
  used: "首次使用",
  never: "从未",
  state: "状态",
  good: "有效",
  over: "已过期",
  ended: "已终止",
  endedBy: {
    "by an operator": "由中心的人员终止",
    "enrolled anew": "网关已重新登记",
    "a newer one is in use": "已使用更新的证书",
  },
  soon: "即将到期：未能自动更新",
  enrol: {
    open: "生成登记码",
    title: (gateway) => `${gateway} 的登记码`,
    about:
      "在哪台网关上输入此登记码，哪台就成为这个网关：目前以该名称上报的那台随即被禁止接入。先前未使用的登记码立即作废。",
    addTitle: "添加网关",
    addAbout: "中心生成一个一次性登记码。在新网关上输入后，它就可以上报。",
    id: "短名称",
    idHint: "可用字母、数字、点、短横线和下划线，与网关配置中的 gateway.id 相同，例如 wh1-cold-2。",
    idWrong: "网关不能使用这个短名称。",
    name: "通常的叫法（可不填）",
    known: (gateway) => `网关 ${gateway} 已存在。`,
    knownTodo: "请换一个短名称，或在该网关的页面上生成登记码。",
    valid: "登记码有效期",
    hours: { "1": "1 小时", "24": "1 天", "168": "7 天" },
    make: "生成登记码",
    made: "登记码：",
    once: (until) =>
      `只显示这一次，只能使用一次，有效至 ${until}。请记下，或读给在网关旁边的人听。`,
    type: "在网关上输入：",
    done: "已记下",
  },
  revoke: {
    titles: {
      all: (gateway) => `禁止 ${gateway} 接入`,
      token: (gateway) => `终止 ${gateway} 的令牌`,
      certificate: (gateway) => `终止证书：${gateway}`,
    },
    why: {
      all: "一分钟之内，中心不再接收它的任何数据：证书、令牌和未使用的登记码全部终止。现场的灯和蜂鸣器继续报警，但中心看不到它。只有在网关旁边输入新的登记码之后才能重新接入。",
      token:
        "一分钟之内，凭此令牌上报者被禁止接入。网关若有有效证书，则继续凭证书上报；否则同样被禁止。",
      certificate:
        "一分钟之内，凭此证书上报者被禁止接入。网关若没有其他凭证，须有人在网关旁边输入新的登记码。",
    },
    submit: { all: "禁止接入", token: "终止令牌", certificate: "终止" },
    type: (gateway) => `请输入 ${gateway}，确认就是这一个`,
    other: "这不是它的短名称。没有终止任何内容。",
  },
};

/** What lets gateways in, on central's page. */
export const centralIdentityText: Texts<typeof en> = { en, zh };
