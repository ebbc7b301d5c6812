import { expect, test } from "vitest";
import { shippedTemplates, templateHint } from "../../tests/support/shipped-templates.ts";
import { channelSchema } from "./schema.ts";
import { settingsOf } from "./settings.ts";
import { templateSchema } from "./template.ts";

type Template = ReturnType<typeof templateSchema.parse>;

const shipped = shippedTemplates("scale");

test("the promised models are there", () => {
  expect(shipped.map(({ file }) => file)).toEqual([
    ...["scale-and.yaml", "scale-cas-ci.yaml", "scale-iq355.yaml", "scale-kern.yaml"],
    ...["scale-t-scale.yaml", "scale-tiger.yaml"],
  ]);
});

test.each(shipped)("$file is a template that an editor can check", ({ text, yaml }) => {
  expect(text.split("\n")[0]).toBe(templateHint);
  templateSchema.parse(yaml);
});

const examples = shipped.flatMap(({ file, yaml }) =>
  templateSchema
    .parse(yaml)
    .examples.map((example, index) => ({ name: `${file} ${index}`, yaml, example })),
);

test.each(examples)("the example is read as the manual says: $name", ({ yaml, example }) => {
  expect(readExample(yaml, example)).toEqual({ status: "ok", ...example.expect });
});

/** Reads the template as a device's settings, as the loader does, and its example through framer and parser. */
function readExample(yaml: object, example: Template["examples"][number]) {
  const device = "device" in yaml && typeof yaml.device === "object" ? { ...yaml.device } : {};
  const settings = settingsOf(
    channelSchema.parse({ driver: "scale", port: "tcp://10.0.0.5:4001", devices: { s: device } }),
  );
  if (settings === undefined) throw new Error("no device");
  const { protocol, options } = settings;
  const framer = protocol.createFramer(options);
  const found = [...framer.push(bytesOf(example)), ...framer.idle()];
  expect(found.map(({ ok }) => ok)).toEqual([true]);
  const [message] = found.map(({ bytes }) => protocol.parse(bytes, options));
  if (message?.kind !== "reading") throw new Error(JSON.stringify(message));
  const { status, weight = null } = message;
  const said = Object.fromEntries(
    Object.entries(message).filter(([key]) => Object.hasOwn(example.expect, key)),
  );
  return { ...said, status, weight };
}

function bytesOf({ hex, text }: Template["examples"][number]): Uint8Array {
  return hex === undefined
    ? Uint8Array.from(Buffer.from(text ?? "", "latin1"))
    : Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
}
