import { createTransport } from "nodemailer";
import { expect, test } from "vitest";
import { type Inbox, startInbox } from "./inbox.ts";
import { startMailbox } from "./mailbox.ts";

async function withInbox(use: (inbox: Inbox) => Promise<void>): Promise<void> {
  const inbox = await startInbox(0);
  try {
    await use(inbox);
  } finally {
    await inbox.stop();
  }
}

const post = (inbox: Inbox, path: string, body: string) =>
  fetch(inbox.address + path, { method: "POST", body });

test("a message to each kind of robot is shown, the newest first, and a link in it can be followed", () =>
  withInbox(async (inbox) => {
    const data = { receiver: "systems", title: "Too warm" };
    for (const [path, body] of [
      ["/", { topic: "cold-store", title: "Too warm", message: "see http://127.0.0.1:8080/ack/x" }],
      ["/robot/send?access_token=x", { msgtype: "text", text: { content: "太热 <10 ℃" } }],
      ["/webhook", { type: "rackwatch.push.raised", data }],
    ] as const) {
      const answer = await post(inbox, path, JSON.stringify(body));
      expect(await answer.json()).toMatchObject({ errcode: 0 });
    }
    const page = await (await fetch(inbox.address)).text();
    expect(page).toContain("太热 &lt;10 ℃");
    expect(page).toContain('<a href="http://127.0.0.1:8080/ack/x"');
    const letters: unknown = await (await fetch(`${inbox.address}/letters`)).json();
    expect(letters).toMatchObject([{ way: "webhook" }, { way: "DingTalk" }, { way: "ntfy" }]);
  }));

test("a body that is none of a robot's, or too long, is refused and shown nowhere", () =>
  withInbox(async (inbox) => {
    expect((await post(inbox, "/webhook", "{}")).status).toBe(400);
    expect((await post(inbox, "/", "no JSON")).status).toBe(400);
    expect((await post(inbox, "/", `"${"x".repeat(100_000)}"`)).status).toBe(400);
    expect(await (await fetch(`${inbox.address}/letters`)).json()).toEqual([]);
  }));

test("a fault is run from the page of this inbox and of no other site, and the page says how it stands", async () => {
  let runs = 0;
  const fault = {
    ...{ id: "cable", label: "Pull the cable" },
    state: () => `pulled ${runs} <times>`,
    run: () => {
      runs += 1;
    },
  };
  const inbox = await startInbox(0, () => [fault]);
  try {
    const post = (id: string, site: string) =>
      fetch(`${inbox.address}/faults/${id}`, {
        ...{ method: "POST", redirect: "manual" },
        headers: { "sec-fetch-site": site },
      });
    expect((await post("cable", "cross-site")).status).toBe(403);
    expect((await post("no-such", "same-origin")).status).toBe(404);
    expect(runs).toBe(0);
    expect((await post("cable", "same-origin")).status).toBe(303);
    const page = await (await fetch(inbox.address)).text();
    expect(page).toContain("<button>Pull the cable</button> pulled 1 &lt;times>");
  } finally {
    await inbox.stop();
  }
});

test("two hundred messages are kept, the oldest go", () =>
  withInbox(async (inbox) => {
    for (let count = 0; count < 250; count += 1) inbox.add("SMS", "+86", String(count));
    const letters: unknown = await (await fetch(`${inbox.address}/letters`)).json();
    expect(letters).toHaveLength(200);
    expect(letters).toMatchObject({ 0: { text: "249" }, 199: { text: "50" } });
  }));

test.each(["8.6 °C since 10:00", "二号冷库：温度高于上限", "a line = another\nline"])(
  "a mail with %j is read as it was written",
  async (text) => {
    const got: string[][] = [];
    const mailbox = await startMailbox((...mail) => got.push(mail));
    const transport = createTransport({ host: "127.0.0.1", port: mailbox.port, ignoreTLS: true });
    try {
      await transport.sendMail({ from: "a@b.example", to: "c@d.example", subject: "x", text });
      expect(got).toEqual([["c@d.example", text]]);
    } finally {
      transport.close();
      await mailbox.stop();
    }
  },
);
