import { z } from "zod";
import { pointSettings } from "../point-settings.ts";

/** Lines of one channel: a Raspberry Pi header has 28, and each may cost a process of its own. More is a config error. */
export const gpioLinesMax = 32;

/** Offset of a line on its chip. No chip that Linux supports has more lines; a larger number is a typing error. */
const lineOffsetMax = 1_023;

const pointSchema = z.strictObject({
  line: z
    .int()
    .min(0)
    .max(lineOffsetMax)
    .meta({ description: "Number of the line on its chip; on a Raspberry Pi the BCM number" }),
  activeLow: z
    .boolean()
    .default(false)
    .meta({ description: "True where the level 0 switches the output on (most relay boards)" }),
  role: z.enum(["lamp", "buzzer"]).optional().meta({
    description: "Default: buzzer where the name contains buzzer, siren or horn, else lamp",
  }),
  failSafe: z
    .enum(["off", "on", "keep"])
    .default("off")
    .meta({ description: "What the output shows after the gateway ended, in whatever way" }),
  access: z.literal("write").default("write"),
  name: pointSettings.name,
});

const deviceSchema = z.strictObject({
  name: pointSettings.name,
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
      .meta({ description: "sim only: file to write the levels to" }),
    devices: z.record(z.string().min(1), deviceSchema),
  })
  .check((context) => {
    const { backend, base, file, devices } = context.value;
    const refuse = (path: string, message: string) => {
      context.issues.push({ code: "custom", input: context.value, path: [path], message });
    };
    const lines = Object.values(devices).flatMap((device) => Object.keys(device.points)).length;
    if (lines > gpioLinesMax) refuse("devices", "gpio/lines-max");
    if (base !== undefined && backend !== "sysfs") refuse("base", "gpio/needs-sysfs");
    if (file !== undefined && backend !== "sim") refuse("file", "gpio/needs-sim");
  });

export type GpioChannel = z.infer<typeof gpioSchema>;
export type GpioPoint = z.infer<typeof pointSchema>;
