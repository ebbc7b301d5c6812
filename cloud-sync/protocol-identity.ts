import { z } from "zod";
import { signingKeySchema } from "./protocol-down.ts";

/** How a gateway becomes known at central by a key of its own, and stays so. */

/** Characters of a certificate request or a certificate in PEM: those of a P-256 key have a thousand. */
export const pemCharsMax = 4_096;

const pem = z.string().max(pemCharsMax);

export const enrolSchema = z.object({
  code: z.string().min(1).max(64).meta({ description: "As it was typed" }),
  csr: pem.meta({ description: "PKCS#10 of a P-256 key, in PEM" }),
  gateway: z.string().max(128).optional().meta({
    description: "Which gateway this machine believes to be; a code of another one is refused",
  }),
  machine: z
    .string()
    .max(128)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u)
    .optional()
    .meta({ description: "Fingerprint of the hardware, for the list of certificates" }),
});

export const enrolledSchema = z.object({
  gateway: z.string().min(1).max(128),
  certificate: pem,
  authority: pem.meta({ description: "The authority's certificate that it is from" }),
  notAfter: z.number(),
  signingKey: signingKeySchema.meta({ description: "What central's messages are signed with" }),
  serverTime: z.number(),
});
export type EnrolledAnswer = z.infer<typeof enrolledSchema>;

/** Body of a renewal, which the certificate that is to be renewed authenticates. */
export const renewSchema = z.object({
  csr: pem.optional().meta({ description: "Of another key; absent: the same key goes on" }),
});
