import { expect, test } from "vitest";
import { auditCsv } from "./audit-csv.ts";

const entry = {
  seq: 7,
  ts: "2026-11-22T08:00:00.000Z",
  actor: "李雷",
  action: "alarm.acknowledged",
  data: { comment: 'door "open", closed it' },
  hash: "ab",
};
const columns = ["number", "time", "who", "what", "details", "hash"];

test("a spreadsheet reads Chinese names, quotes and commas as they are", () => {
  expect(auditCsv([entry], columns)).toBe(
    '\uFEFFnumber,time,who,what,details,hash\r\n7,2026-11-22T08:00:00.000Z,李雷,alarm.acknowledged,"{""comment"":""door \\""open\\"", closed it""}",ab\r\n',
  );
});

test("who tried to log in as a formula stays text", () => {
  const csv = auditCsv([{ ...entry, actor: '=HYPERLINK("x")', data: {} }], columns);
  expect(csv).toContain(`,"'=HYPERLINK(""x"")",`);
  expect(auditCsv([{ ...entry, actor: "@x" }], columns)).toContain(",'@x,");
});
