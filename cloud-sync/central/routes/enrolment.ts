import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { enrolledSchema, enrolSchema, renewSchema } from "../../protocol-identity.ts";
import { Admission } from "../admission.ts";
import { Attempts } from "../identity/attempts.ts";
import type { Authority } from "../identity/authority.ts";
import type { CentralIdentity, CentralKeys } from "../identity/central-identity.ts";
import { keyOfRequest } from "../identity/certificate-request.ts";
import { type Enrolled, gatewayOfCode, redeem, wrongCode } from "../identity/enrolment.ts";
import { enrolmentCodeHash } from "../identity/enrolment-code.ts";
import { renew } from "../identity/renewal.ts";
import { RefusalError } from "../refusals.ts";
import { agentRefusals, authenticate, checkRequests, type Receiver } from "./receiver.ts";

/** A code, a request in PEM and two names: nothing else is to be unpacked for whoever has no identity yet. */
const bodyBytesMax = 8_192;

const params = z.object({ id: z.string().max(128) });

/** How gateways get certificates: POST /v1/enroll, POST /v1/gateways/{id}/certificate. */
export function enrolmentRoutes(receiver: Receiver) {
  return async function register(app: FastifyInstance): Promise<void> {
    await app.register(enrolRoute(receiver));
    await app.register(renewRoute(receiver));
  };
}

function enrolRoute({ link, clock, identity, log }: Receiver) {
  const attempts = new Attempts(clock);
  return async function register(plain: FastifyInstance): Promise<void> {
    plain.withTypeProvider<ZodTypeProvider>().route({
      method: "POST",
      url: "/v1/enroll",
      bodyLimit: bodyBytesMax,
      schema: {
        summary: "A certificate for a one-time code",
        body: enrolSchema,
        response: { 200: enrolledSchema, ...agentRefusals },
      },
      onRequest: async (request) => attempts.check(request.ip),
      handler: async (request) => {
        const keys = keysOf(identity);
        const { code, csr, gateway, machine } = request.body;
        try {
          const codeHash = enrolmentCodeHash(code);
          if (codeHash === undefined) throw wrongCode();
          return await link.use(async ({ database }) => {
            // Whoever has no code makes central check no signature.
            await gatewayOfCode(database, codeHash);
            const key = await keyOfRequest(csr);
            const asked = { codeHash, key, gateway, machine };
            const authority = await keys.authority();
            const enrolled = await redeem(database, authority, asked, clock.now());
            log.info("a gateway was enrolled", { gateway: enrolled.gateway, from: request.ip });
            return answer(keys, authority, enrolled, clock.now());
          });
        } catch (error) {
          if (error instanceof RefusalError) {
            // Whoever has a code, also one that is over, does not guess.
            if (error.refusal.code === "code-wrong") attempts.failed(request.ip);
            log.warn("an enrolment was refused", { code: error.refusal.code, from: request.ip });
          }
          throw error;
        }
      },
    });
  };
}

function renewRoute(receiver: Receiver) {
  const { link, clock, identity, log, admission = new Admission() } = receiver;
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    checkRequests(app, receiver, admission);
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/certificate",
      bodyLimit: bodyBytesMax,
      schema: {
        summary: "The next certificate, by the one that a gateway has",
        security: [{ gateway: [] }],
        params,
        body: renewSchema,
        response: { 200: enrolledSchema, ...agentRefusals },
      },
      handler: async (request) => {
        const keys = keysOf(identity);
        const caller = await authenticate(receiver, request);
        const { csr } = request.body;
        const key = csr === undefined ? undefined : await keyOfRequest(csr);
        const authority = await keys.authority();
        return link.use(async ({ database }) => {
          const enrolled = await renew(database, authority, caller, key, clock.now());
          log.info("a certificate was renewed", { gateway: enrolled.gateway });
          return answer(keys, authority, enrolled, clock.now());
        });
      },
    });
  };
}

function answer(
  { signing }: CentralKeys,
  authority: Authority,
  { gateway, certificate, notAfter }: Enrolled,
  serverTime: number,
) {
  return {
    gateway,
    certificate,
    authority: authority.certificate.toString(),
    notAfter,
    signingKey: { key: signing.key, publicKey: signing.publicKeyPem },
    serverTime,
  };
}

/** @throws RefusalError 404: this central issues no certificates. */
export function keysOf(identity: CentralIdentity | undefined): CentralKeys {
  if (identity?.keys !== undefined) return identity.keys;
  throw new RefusalError(404, {
    code: "not-found",
    message: "this central has no keys, and issues no certificates",
    todo: "start it with --keys DIR, or use a token: `rackwatch central add-gateway ID`",
  });
}
