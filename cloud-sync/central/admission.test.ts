import Fastify from "fastify";
import { expect, test } from "vitest";
import { Admission, type AdmissionLimits } from "./admission.ts";
import { refusalOf } from "./refusals.ts";

const plenty: AdmissionLimits = { requestsMax: 9, requestsOfGatewayMax: 9, ingestsMax: 9 };

async function served(limits: Partial<AdmissionLimits>) {
  const admission = new Admission({ ...plenty, ...limits });
  const app = Fastify();
  const held: (() => void)[] = [];
  app.setErrorHandler(async (error, _request, reply) => {
    const { status, refusal } = refusalOf(error);
    return reply.status(status).send(refusal);
  });
  admission.attach(app);
  app.addHook("onRequest", async (request) =>
    admission.claim(request, String(request.headers["x-gateway"] ?? "gw-1")),
  );
  app.post("/", async (request) => {
    admission.unpack(request);
    return admission.work(request, async () => {
      await new Promise<void>((resolve) => held.push(resolve));
      return { ok: true };
    });
  });
  await app.ready();
  return { app, admission, held };
}

test.each([{ ingestsMax: 2 }, { requestsMax: 2 }, { requestsOfGatewayMax: 2 }])(
  "beyond %o a request is told to come again, and is let in when there is room",
  async (limits) => {
    const { app, admission, held } = await served(limits);
    const ask = () => app.inject({ method: "POST", url: "/", payload: {} });
    const first = [ask(), ask()];
    await expect.poll(() => held.length).toBe(2);
    const refused = await ask();
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ code: "busy", retryAfterMs: 2_000 });
    for (const free of held.splice(0)) free();
    for (const answer of await Promise.all(first)) expect(answer.statusCode).toBe(200);
    expect(admission.ingests).toBe(0);
    const again = ask();
    await expect.poll(() => held.length).toBe(1);
    held[0]?.();
    expect((await again).statusCode).toBe(200);
    await app.close();
  },
);

test("one gateway that fills its places keeps no other out", async () => {
  const { app, held } = await served({ requestsOfGatewayMax: 2 });
  const ask = (gateway: string) =>
    app.inject({ method: "POST", url: "/", headers: { "x-gateway": gateway }, payload: {} });
  const first = [ask("gw-1"), ask("gw-1")];
  await expect.poll(() => held.length).toBe(2);
  expect((await ask("gw-1")).statusCode).toBe(429);
  const other = ask("gw-2");
  await expect.poll(() => held.length).toBe(3);
  for (const free of held.splice(0)) free();
  for (const answer of await Promise.all([...first, other])) expect(answer.statusCode).toBe(200);
  await app.close();
});
