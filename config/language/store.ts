import type { Texts } from "./language.ts";

interface Said {
  readonly message: string;
  readonly todo: string;
}

const en = {
  failed: {
    "store/full": {
      message: "the disk or the store is full",
      todo: "free space on the disk, lower store.keepFor, or raise store.maxSize",
    },
    "store/read-only": {
      message: "the store cannot be written",
      todo: "check the mount and the rights of the data folder; a worn-out card turns read-only",
    },
    "store/io": {
      message: "the disk does not answer as it should",
      todo: "check cable, card and file system; replace the card if it happens again",
    },
    "store/corrupt": {
      message: "the database is damaged",
      todo: "nothing: the damaged file is set aside and a fresh one begun",
    },
    "store/locked": {
      message: "another process uses the store",
      todo: "end the other gateway that uses this data folder",
    },
  },
  at: (message: string, where: string, reason: string | undefined) =>
    reason === undefined ? `${message}: ${where}` : `${message}: ${where} (${reason})`,
  noFile: (file: string): Said => ({
    message: `there is no ${file}`,
    todo: "give the data folder of the gateway, as `rackwatch run --data` has it",
  }),
  older: (file: string): Said => ({
    message: `${file} was written by an earlier version`,
    todo: "start the gateway once: it brings its database up to date",
  }),
  newer: (where: string | undefined): Said => ({
    message: `${where ?? "a chunk"} was written by a later version`,
    todo: "bring this program to the gateway's version and restart it; nothing is lost until then",
  }),
  stopped: (file: string): Said => ({
    message: `the gateway is stopped; its rows wait in ${file}`,
    todo: "Start the gateway (systemctl start rackwatch-gateway); its rows are sent from then on",
  }),
  unfinished: {
    message: "the database is still being put together",
    todo: "try again in some minutes",
  },
  noBackup: (file: string): Said => ({
    message: `${file} is there, and is no backup`,
    todo: "name another file; a backup replaces nothing but a backup",
  }),
  unreadable: (file: string): Said => ({
    message: `the backup ${file} cannot be read`,
    todo: "check the path and the rights",
  }),
  unsound: (file: string, why: string): Said => ({
    message: `${file} is no sound backup: ${why}`,
    todo: "take an older backup",
  }),
  bytes: (size: number, expected: number, why: string) =>
    `it has ${size} bytes of ${expected}: ${why}`,
  isCut: "it was cut short",
  isLonger: "something was added to it",
  partLonger: (name: string) => `${name} is longer than it should be`,
  partChanged: (name: string) => `${name} was changed`,
  contentChanged: "its content was changed",
  notFirst: "its first line is not that of a backup",
  firstChanged: "its first line was changed",
  frameDamaged: "a frame is damaged",
  frameClosed: "a frame cannot be unpacked",
  isFolder: "it is a folder",
  notRestored: (where: string, why: string, todo: string): Said => ({
    message: `${where} cannot be restored: ${why}`,
    todo,
  }),
  schemaNewer: (its: number, ours: number) =>
    `its schema ${its} is newer than this program's ${ours}`,
  updateFirst: "update this program first",
  ofOther: (its: string, ours: string) => `it is of the gateway ${its}, and this is ${ours}`,
  rightFile: "take the right file, or say --adopt",
  takeOlder: "take an older backup",
  holds: (name: string) => `it holds ${name}`,
  takeOther: "take another file",
};

const zh: typeof en = {
  failed: {
    "store/full": {
      message: "磁盘或存储已满",
      todo: "请清理磁盘，调小 store.keepFor，或调大 store.maxSize",
    },
    "store/read-only": {
      message: "存储无法写入",
      todo: "请检查挂载方式和数据目录的权限；用旧的存储卡会变为只读",
    },
    "store/io": {
      message: "磁盘没有正常应答",
      todo: "请检查连线、存储卡和文件系统；若再次发生，请更换存储卡",
    },
    "store/corrupt": {
      message: "数据库已损坏",
      todo: "无需处理：损坏的文件已另存，并已新建数据库",
    },
    "store/locked": {
      message: "另一个进程正在使用存储",
      todo: "请结束正在使用该数据目录的另一个网关",
    },
  },
  at: (message, where, reason) =>
    reason === undefined ? `${message}：${where}` : `${message}：${where}（${reason}）`,
  noFile: (file) => ({
    message: `没有 ${file}`,
    todo: "请给出网关的数据目录，即 `rackwatch run --data` 所用的目录",
  }),
  older: (file) => ({
    message: `${file} 由较早的版本写入`,
    todo: "请启动一次网关，它会更新自己的数据库",
  }),
  newer: (where) => ({
    message: `${where ?? "一个数据块"}由较新的版本写入`,
    todo: "请将本程序更新到网关的版本并重新启动；在此之前不会丢失任何数据",
  }),
  stopped: (file) => ({
    message: `网关已停止，其数据行在 ${file} 中等待`,
    todo: "请启动网关（systemctl start rackwatch-gateway），随后会继续发送",
  }),
  unfinished: { message: "数据库仍在重建", todo: "请几分钟后再试" },
  noBackup: (file) => ({
    message: `${file} 已存在，且不是备份`,
    todo: "请换一个文件名；备份只会替换备份",
  }),
  unreadable: (file) => ({
    message: `无法读取备份 ${file}`,
    todo: "请检查路径和权限",
  }),
  unsound: (file, why) => ({
    message: `${file} 不是完好的备份：${why}`,
    todo: "请使用更早的备份",
  }),
  bytes: (size, expected, why) => `应有 ${expected} 字节，实有 ${size} 字节：${why}`,
  isCut: "文件被截断",
  isLonger: "文件被追加了内容",
  partLonger: (name) => `${name} 比应有的长`,
  partChanged: (name) => `${name} 被修改`,
  contentChanged: "内容被修改",
  notFirst: "首行不是备份的首行",
  firstChanged: "首行被修改",
  frameDamaged: "有一帧损坏",
  frameClosed: "有一帧无法解压",
  isFolder: "这是一个目录",
  notRestored: (where, why, todo) => ({ message: `${where} 无法恢复：${why}`, todo }),
  schemaNewer: (its, ours) => `其数据库结构 ${its} 比本程序的 ${ours} 新`,
  updateFirst: "请先更新本程序",
  ofOther: (its, ours) => `这是网关 ${its} 的备份，而本网关是 ${ours}`,
  rightFile: "请使用正确的文件，或加上 --adopt",
  takeOlder: "请使用更早的备份",
  holds: (name) => `其中含有 ${name}`,
  takeOther: "请使用其他文件",
};

export type StoreText = typeof en;

/** What the store, backups and their restoration say when something is wrong with a disk or a file. */
export const storeText: Texts<StoreText> = { en, zh };
