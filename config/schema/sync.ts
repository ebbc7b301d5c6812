import { z } from "zod";
import { duration } from "../../drivers/quantity.ts";
import { secret } from "../../drivers/secret.ts";

const httpFields = {
  central: z.url({ protocol: /^https?$/ }),
  credentials: secret().optional().meta({
    description: "Token from central. Absent: the certificate of `rackwatch enroll`",
  }),
  caFile: z
    .string()
    .optional()
    .meta({ description: "PEM file of the authority that signed the other side's certificate" }),
  proxy: z.url().optional(),
};

const roadFields = {
  required: z.boolean().default(true).meta({
    description: "Rows count as confirmed only when this road, too, has confirmed them",
  }),
};

const brokerFields = {
  broker: z.url({ protocol: /^mqtts?$/ }),
  username: z.string().max(200).optional(),
  password: secret().optional(),
  caFile: httpFields.caFile,
  certificateFile: z.string().min(1).max(300).optional().meta({
    description:
      "PEM file of the certificate that is shown to the broker, its authorities behind it",
  }),
  keyFile: z.string().min(1).max(300).optional().meta({
    description: "PEM file of the certificate's key",
  }),
  key: secret().optional().meta({
    description: "The certificate's key as a secret, in place of keyFile",
  }),
  identity: z.boolean().optional().meta({
    description: "Shows the broker the certificate of `rackwatch enroll`",
  }),
  credentials: httpFields.credentials,
};

/** Levels of a topic that are ours to choose: no wildcards, no empty ones. */
const topicName = z
  .string()
  .max(128)
  .regex(/^[^+#/\p{Cc}]+$/u);

const uplinkSchema = z.discriminatedUnion("via", [
  z.strictObject({ via: z.literal("http"), ...httpFields, ...roadFields }),
  z.strictObject({
    via: z.literal("mqtt"),
    ...brokerFields,
    prefix: topicName.default("rackwatch"),
    messageBytesMax: z.int().min(4_096).max(262_144).default(131_072).meta({
      description: "Bytes of one message: what the broker lets through",
    }),
    ...roadFields,
  }),
  z.strictObject({
    via: z.literal("sparkplug"),
    ...brokerFields,
    group: topicName,
    node: topicName.optional().meta({ description: "Absent: gateway.id" }),
    host: topicName.optional().meta({
      description: "Primary host: data waits until it is online",
    }),
    central: z.boolean().default(false).meta({
      description: "The host is a Rackwatch central, which confirms what it stored",
    }),
    ...roadFields,
    required: roadFields.required.default(false),
  }),
  z.strictObject({
    via: z.literal("file"),
    folder: z.string().meta({ description: "Where bundles are written and read, as of a stick" }),
    credentials: httpFields.credentials,
    ...roadFields,
  }),
]);

export const syncSchema = z
  .strictObject({
    ...httpFields,
    central: httpFields.central.optional(),
    goneFor: duration({ min: 60_000, max: 30 * 86_400_000 })
      .default(3_600_000)
      .meta({
        description: "Central may be out of reach for so long before the gateway raises an alarm",
      }),
    uplinks: z
      .record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), uplinkSchema)
      .default({})
      .meta({ description: "Further roads, each with a place in the log of its own" }),
  })
  .refine(({ central, uplinks }) => central !== undefined || Object.keys(uplinks).length > 0, {
    error: "sync/nowhere",
  });
