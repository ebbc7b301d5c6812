import { z } from "zod";
import { pointSettings } from "../point-settings.ts";
import { duration } from "../quantity.ts";

/** Lines of one channel: a Raspberry Pi header has 28, and each may cost a process of its own. More is a config error. */
export const gpioLinesMax = 32;

/** Offset of a line on its chip. No chip that Linux supports has more lines; a larger number is a typing error. */
const lineOffsetMax = 1_023;

/** What holds a line that nothing drives: a dry contact to ground needs pull-up, or a resistor on the board. */
export const biases = ["as-is", "pull-up", "pull-down", "disabled"] as const;
export type Bias = (typeof biases)[number];

const pointObject = z.strictObject({
  line: z
    .int()
    .min(0)
    .max(lineOffsetMax)
    .meta({ description: "Number of the line on its chip; on a Raspberry Pi the BCM number" }),
  access: z
    .enum(["write", "read"])
    .default("write")
    .meta({ description: "write: a lamp or buzzer; read: a contact or push-button" }),
  activeLow: z.boolean().default(false).meta({
    description:
      "True where the level 0 means on: most relay boards, and contacts that close to ground",
  }),
  role: z.enum(["lamp", "buzzer"]).optional().meta({
    description:
      "Outputs only. Default: buzzer where the name contains buzzer, siren or horn, else lamp",
  }),
  failSafe: z.enum(["off", "on", "keep"]).optional().meta({
    description:
      "Outputs only: what it shows after the gateway ended, in whatever way (default off)",
  }),
  bias: z.enum(biases).optional().meta({
    description: "Inputs only: the chip's own resistor (default as-is); not through sysfs",
  }),
  debounce: duration({ max: 10_000 }).optional().meta({
    description: "Inputs only: how long a level must stand before it counts (default 50ms)",
  }),
  name: pointSettings.name,
});

const pointSchema = pointObject.check(({ value: point, issues }) => {
  const misplaced = point.access === "read" ? ["role", "failSafe"] : ["bias", "debounce"];
  for (const [key, value] of Object.entries(point)) {
    if (value === undefined || !misplaced.includes(key)) continue;
    const message = point.access === "read" ? "gpio/output-only" : "gpio/input-only";
    issues.push({ code: "custom", input: value, message, path: [key] });
  }
});

const deviceSchema = z.strictObject({
  name: pointSettings.name.meta({ description: "What people call the device" }),
  points: z.record(z.string().min(1), pointSchema),
});

export const gpioSchema = z
  .strictObject({
    driver: z.literal("gpio"),
    backend: z
      .enum(["auto", "gpiod", "sysfs", "sim"])
      .default("auto")
      .meta({ description: "auto takes the tools of libgpiod, then /sys/class/gpio; never sim" }),
    chip: z.string().min(1).max(120).optional().meta({
      description: "Label, as gpiodetect prints it, or /dev/gpiochipN (default: the header's chip)",
    }),
    base: z.int().min(0).max(100_000).optional().meta({
      description: "sysfs only: number of the chip's first line, where looking it up fails",
    }),
    file: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "sim only: file to write the levels of outputs to" }),
    inputsFile: z.string().min(1).optional().meta({
      description: 'sim only: file to read the levels of inputs from, such as {"5": 1}',
    }),
    devices: z.record(z.string().min(1), deviceSchema),
  })
  .check((context) => {
    const { backend, base, file, inputsFile, devices } = context.value;
    const refuse = (path: string, message: string) => {
      context.issues.push({ code: "custom", input: context.value, path: [path], message });
    };
    const lines = Object.values(devices).flatMap((device) => Object.keys(device.points)).length;
    if (lines > gpioLinesMax) refuse("devices", "gpio/lines-max");
    if (base !== undefined && backend !== "sysfs") refuse("base", "gpio/needs-sysfs");
    if (file !== undefined && backend !== "sim") refuse("file", "gpio/needs-sim");
    if (inputsFile !== undefined && backend !== "sim") refuse("inputsFile", "gpio/needs-sim");
  });

export type GpioChannel = z.infer<typeof gpioSchema>;
export type GpioPoint = z.infer<typeof pointSchema>;
