import type { Texts } from "./language.ts";

/** Words of the pages about alarms and excursions that are fetched when they are opened. */
const en = {
  excursions: {
    title: "Excursions",
    about: "Times at which a value was outside its range, with what became of the goods.",
    loading: "Loading the excursions",
    none: "No excursion on record",
    noneDetail: "Every value stayed in its range, as far as the record goes back.",
  },
  daily: {
    title: "Daily check",
  },
};

const zh: typeof en = {
  excursions: {
    title: "超限记录",
    about: "数值超出范围的时段，以及货物的处置情况。",
    loading: "正在读取超限记录",
    none: "没有超限记录",
    noneDetail: "在现有记录范围内，所有数值均未超出范围。",
  },
  daily: {
    title: "每日检查",
  },
};

export const panelAlarmsText: Texts<typeof en> = { en, zh };
export type PanelAlarmsText = typeof en;
