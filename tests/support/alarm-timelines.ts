import { type Act, clock, type Timeline } from "./alarm-timeline.ts";

const acknowledge: Act = { do: "acknowledge" };
const reset: Act = { do: "reset" };

function shelve(forMs?: number): Act {
  return { do: "shelve", forMs };
}

/** Limit 8.0 and one sample a minute unless they say otherwise. */
export const timelines: readonly Timeline[] = [
  {
    id: "T1: the dip at 3:00 restarts the on-delay, the deadband holds off the return",
    deadband: 0.5,
    onDelayS: 300,
    offDelayS: 120,
    values: [7.9, 8.2, 8.3, 7.9, 8.1, 8.2, 8.3, 8.4, 8.3, 8.2, 7.8, 7.6, 8.1, 7.5, 7.4, 7.4, 7.3],
    expected: ["9:00 UNACK", "15:00 RTNUN"],
  },
  {
    id: "T2: acknowledged, then back",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 7.9, 7.5, 7],
    acts: [["2:30", acknowledge]],
    expected: ["1:00 UNACK", "2:30 ACKED", "4:00 NORM"],
  },
  {
    id: "T3: back, then acknowledged",
    deadband: 0.5,
    values: [7, 8.5, 7.5, 7],
    acts: [["3:20", acknowledge]],
    expected: ["1:00 UNACK", "2:00 RTNUN", "3:20 NORM"],
  },
  {
    id: "T4: a new occurrence before anybody acknowledged the last",
    deadband: 0.5,
    values: [7, 8.5, 7.5, 8.6, 7.5],
    acts: [["4:50", acknowledge]],
    expected: ["1:00 UNACK", "2:00 RTNUN", "3:00 UNACK", "4:00 RTNUN", "4:50 NORM"],
  },
  {
    id: "T11: at the limit is inside",
    values: [8.0, 8.1, 8.0],
    expected: ["1:00 UNACK", "2:00 RTNUN"],
  },
  {
    id: "T11b: with an inclusive limit, at the limit is outside",
    inclusive: true,
    values: [8.0, 7.9],
    expected: ["0:00 UNACK", "1:00 RTNUN"],
  },
  {
    id: "T12: limit 10 with margin 1 returns at 9.0",
    limit: 10,
    deadband: 1,
    values: [10.1, 9.5, 9.1, 9.0],
    expected: ["0:00 UNACK", "3:00 RTNUN"],
  },
  {
    id: "T13: without deadband each swing is an alarm",
    everyS: 10,
    values: [7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1],
    expected: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110].map(
      (s, index) => `${clock(s * 1_000)} ${index % 2 === 0 ? "UNACK" : "RTNUN"}`,
    ),
  },
  {
    id: "T13b: a deadband makes it one alarm",
    everyS: 10,
    deadband: 0.5,
    values: [7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1],
    expected: ["0:10 UNACK"],
  },
  {
    id: "T13c: an on-delay makes it none",
    everyS: 10,
    onDelayS: 60,
    values: [7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1],
    expected: [],
  },
  {
    id: "T14: negative values",
    limit: -2,
    deadband: 0.5,
    values: [-5, -1.9, -2.2, -2.4, -2.5],
    expected: ["1:00 UNACK", "4:00 RTNUN"],
  },
  {
    id: "T12 upside down: a low limit with its margin",
    is: "below",
    limit: 2,
    deadband: 1,
    values: [1.9, 2.5, 2.9, 3.0],
    expected: ["0:00 UNACK", "3:00 RTNUN"],
  },
  {
    id: "T5: a shelf of two minutes ends while it is still too warm: it calls again",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 8.6, 8.6, 8.6],
    acts: [["1:30", shelve(120_000)]],
    expected: ["1:00 UNACK", "1:30 SHLVD", "3:30 UNACK"],
  },
  {
    id: "T6: acknowledged, shelved, back meanwhile: nobody is called",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 7, 7, 7],
    acts: [
      ["1:30", acknowledge],
      ["1:40", shelve(200_000)],
    ],
    expected: ["1:00 UNACK", "1:30 ACKED", "1:40 SHLVD", "5:00 NORM"],
  },
  {
    id: "T6b: a shelf counts as acknowledged",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 7, 7, 7],
    acts: [["1:40", shelve(200_000)]],
    expected: ["1:00 UNACK", "1:40 SHLVD", "5:00 NORM"],
  },
  {
    id: "T7: a one-shot shelf ends with the return",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 7, 8.7, 8.7],
    acts: [
      ["1:30", acknowledge],
      ["1:40", shelve()],
    ],
    expected: ["1:00 UNACK", "1:30 ACKED", "1:40 SHLVD", "3:00 NORM", "4:00 UNACK"],
  },
  {
    id: "T7 without return: a one-shot shelf ends at the longest shelf of its rule",
    values: [7, 8.5, 8.6, 8.6, 8.7, 8.7],
    rule: { shelveMsMax: 150_000 },
    acts: [["1:30", shelve()]],
    expected: ["1:00 UNACK", "1:30 SHLVD", "4:00 UNACK"],
  },
  {
    id: "shelved before it is raised, raised and back behind the shelf, raised again",
    values: [7, 7, 8.5, 7, 8.5, 8.5, 8.5],
    acts: [
      ["0:30", shelve(300_000)],
      ["4:10", { do: "unshelve" }],
    ],
    expected: ["0:30 SHLVD", "4:10 UNACK"],
  },
  {
    id: "a shelf that is prolonged ends by the last word",
    values: [7, 8.5, 8.5, 8.5, 8.5, 8.5, 8.5],
    acts: [
      ["1:30", shelve(60_000)],
      ["2:00", shelve(180_000)],
    ],
    expected: ["1:00 UNACK", "1:30 SHLVD", "5:00 UNACK"],
  },
  {
    id: "T8: latched until acknowledged and reset, in this order",
    rule: { latch: true },
    values: [7, 8.5, 8.6, 7, 7],
    acts: [
      ["2:30", reset],
      ["3:10", reset],
      ["3:20", acknowledge],
      ["4:00", reset],
    ],
    expected: [
      "1:00 UNACK",
      "2:30 refused",
      "3:00 LATCH_UNACK",
      "3:10 refused",
      "3:20 LATCH_ACK",
      "4:00 NORM",
    ],
  },
  {
    id: "T8b: latched, acknowledged and too warm again: a new occurrence calls",
    rule: { latch: true },
    values: [7, 8.5, 7, 7, 8.6, 7, 7],
    acts: [
      ["2:30", acknowledge],
      ["5:20", acknowledge],
      ["5:50", reset],
    ],
    expected: [
      "1:00 UNACK",
      "2:00 LATCH_UNACK",
      "2:30 LATCH_ACK",
      "4:00 UNACK",
      "5:00 LATCH_UNACK",
      "5:20 LATCH_ACK",
      "5:50 NORM",
    ],
  },
  {
    id: "T9: suppressed before it is raised; the end of the suppression calls",
    deadband: 0.5,
    values: [7, 7, 8.5, 8.6, 8.6, 8.6, 7],
    acts: [
      ["1:00", { do: "suppress" }],
      ["4:00", { do: "unsuppress" }],
    ],
    expected: ["1:00 DSUPR", "4:00 UNACK", "6:00 RTNUN"],
  },
  {
    id: "a suppression that nobody ends, ends by itself",
    rule: { suppressMsMax: 150_000 },
    values: [7, 8.5, 8.6, 8.6, 8.6, 8.6],
    acts: [["1:20", { do: "suppress" }]],
    expected: ["1:00 UNACK", "1:20 DSUPR", "3:50 UNACK"],
  },
  {
    id: "out of service does not end by itself, and calls when it is over",
    values: [7, 8.5, 7, 8.6, 8.6, 8.6],
    acts: [
      ["0:30", { do: "out-of-service", reason: "calibration" }],
      ["1:10", acknowledge],
      ["4:30", { do: "return-to-service" }],
    ],
    expected: ["0:30 OOSRV", "1:10 refused", "4:30 UNACK"],
  },
  {
    id: "suppressed while shelved: the shelf shows again, then ends",
    values: [7, 8.5, 8.5, 8.5, 8.5, 8.5, 8.5],
    acts: [
      ["1:20", shelve(240_000)],
      ["2:20", { do: "suppress" }],
      ["3:20", { do: "unsuppress" }],
    ],
    expected: ["1:00 UNACK", "1:20 SHLVD", "2:20 DSUPR", "3:20 SHLVD", "5:20 UNACK"],
  },
  {
    id: "T10: acknowledged and forgotten for ten minutes: it calls again",
    rule: { reAlarmMs: 600_000 },
    values: [7, ...Array.from({ length: 13 }, () => 8.5)],
    acts: [["2:00", acknowledge]],
    expected: ["1:00 UNACK", "2:00 ACKED", "12:00 UNACK"],
  },
  {
    id: "T10 repeated: counted from each acknowledgement, and twice at most",
    rule: { reAlarmMs: 120_000, reAlarmMax: 2 },
    values: [7, ...Array.from({ length: 13 }, () => 8.5)],
    acts: [
      ["1:30", acknowledge],
      ["4:10", acknowledge],
      ["6:30", acknowledge],
    ],
    expected: ["1:00 UNACK", "1:30 ACKED", "3:30 UNACK", "4:10 ACKED", "6:10 UNACK", "6:30 ACKED"],
  },
  {
    id: "a priority that rises calls again, though somebody had acknowledged",
    rule: { raise: { to: "critical", afterMs: 240_000 } },
    values: [7, 8.5, 8.5, 8.5, 8.5, 8.5, 8.5],
    acts: [["1:30", acknowledge]],
    expected: ["1:00 UNACK", "1:30 ACKED", "5:00 UNACK"],
  },
  {
    id: "a return that counts as acknowledged",
    rule: { autoAcknowledge: true },
    values: [7, 8.5, 7, 8.5, 7],
    acts: [["3:30", acknowledge]],
    expected: ["1:00 UNACK", "2:00 NORM", "3:00 UNACK", "3:30 ACKED", "4:00 NORM"],
  },
];
