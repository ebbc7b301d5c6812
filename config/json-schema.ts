import { z } from "zod";
import type { Driver } from "../drivers/contract.ts";
import { formatDuration } from "../drivers/quantity.ts";
import { caseless } from "./caseless.ts";
import { configShape, idSchema } from "./schema/config.ts";
import { profileSchema } from "./schema/profile.ts";

/** A JSON Schema as data: an object, or `true`/`false`. */
export type JsonSchema = Readonly<Record<string, unknown>>;

// Draft 7 is the newest that yaml-language-server (VS Code, vim, emacs) understands.
const draft = "http://json-schema.org/draft-07/schema#";

/** What a gateway's YAML file may hold, for editors; a device with a template may leave out what the template gives. */
export function gatewayJsonSchema(drivers: readonly Driver[]): JsonSchema {
  const channels = z.record(idSchema, z.union(drivers.map((driver) => driver.schema)));
  const converted = convert(z.strictObject({ ...configShape, channels: channels.default({}) }));
  const properties = recordOf(converted["properties"]);
  const channel = recordOf(recordOf(properties["channels"])["additionalProperties"]);
  const forms = listOf(channel["anyOf"]).map((form) => withTemplates(recordOf(form)));
  return {
    ...converted,
    $schema: draft,
    title: "Rackwatch gateway",
    properties: {
      ...properties,
      channels: { ...recordOf(properties["channels"]), additionalProperties: { anyOf: forms } },
    },
  };
}

/** What a template file may hold, for each driver that has templates. */
export function templateJsonSchema(drivers: readonly Driver[]): JsonSchema {
  const schemas = drivers.flatMap((driver) => driver.templateSchema ?? []);
  return { ...convert(z.union(schemas)), $schema: draft, title: "Rackwatch device template" };
}

/** What a storage profile may hold. */
export function profileJsonSchema(): JsonSchema {
  return { ...convert(profileSchema), $schema: draft, title: "Rackwatch storage profile" };
}

function convert(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    // Secrets: an editor sees the text behind !secret.
    unrepresentable: "any",
    // zod leaves the defaults of durations out, as it only knows them in milliseconds.
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type === "string" && def.checks?.some(ignoresCase) === true) {
        jsonSchema.pattern = caseless(jsonSchema.pattern ?? "");
      }
      if (def.type !== "default" || jsonSchema.pattern === undefined) return;
      if (typeof def.defaultValue === "number") {
        jsonSchema.default = formatDuration(def.defaultValue);
      }
    },
  });
}

function ignoresCase(check: z.core.$ZodCheck): boolean {
  const { def } = check._zod;
  return "pattern" in def && def.pattern instanceof RegExp && def.pattern.ignoreCase;
}

function withTemplates(channel: JsonSchema): JsonSchema {
  const properties = recordOf(channel["properties"]);
  const devices = recordOf(properties["devices"]);
  const device = recordOf(devices["additionalProperties"]);
  const { required, ...rest } = device;
  const points = recordOf(recordOf(device["properties"])["points"]);
  const { required: pointRequired, ...point } = recordOf(points["additionalProperties"]);
  const relaxed = {
    ...rest,
    properties: {
      template: { type: "string", description: "Device model: a file in templates/" },
      ...recordOf(device["properties"]),
      points: { ...points, additionalProperties: point },
    },
    if: { required: ["template"] },
    // biome-ignore lint/suspicious/noThenProperty: a key of JSON Schema
    then: {},
    else: {
      required: required ?? [],
      properties: { points: { additionalProperties: { required: pointRequired ?? [] } } },
    },
  };
  return {
    ...channel,
    properties: { ...properties, devices: { ...devices, additionalProperties: relaxed } },
  };
}

/** The keys that a mapping at `path` may have, over all forms that it may take. */
export function keysAt(schema: JsonSchema, path: readonly (string | number)[]): readonly string[] {
  let forms = formsOf(schema, schema);
  for (const part of path) {
    forms = forms.flatMap((form) => {
      const next = recordOf(form["properties"])[part] ?? form["additionalProperties"];
      const step = typeof part === "number" ? form["items"] : next;
      return isRecord(step) ? formsOf(step, schema) : [];
    });
  }
  return [...new Set(forms.flatMap(keysOf))];
}

function keysOf(form: JsonSchema): readonly string[] {
  const listed = listOf(recordOf(form["propertyNames"])["enum"]);
  return [
    ...Object.keys(recordOf(form["properties"])),
    ...listed.filter((key) => typeof key === "string"),
  ];
}

function formsOf(schema: JsonSchema, root: JsonSchema): readonly JsonSchema[] {
  const reference = schema["$ref"];
  if (typeof reference === "string") {
    const target = recordOf(root["definitions"])[reference.split("/").at(-1) ?? ""];
    return isRecord(target) && target !== schema ? formsOf(target, root) : [];
  }
  const choices = [
    ...listOf(schema["anyOf"]),
    ...listOf(schema["oneOf"]),
    ...listOf(schema["allOf"]),
  ];
  return choices.length === 0
    ? [schema]
    : choices.filter(isRecord).flatMap((choice) => formsOf(choice, root));
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function recordOf(value: unknown): JsonSchema {
  return isRecord(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
