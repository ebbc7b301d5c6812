import { z } from "zod";
import { duration } from "./quantity.ts";

/** What the pipeline does with a point's samples; every driver's point schema spreads these keys. */
export const pointSettings = {
  name: z.string().max(120).optional().meta({ description: "What people call the point" }),
  unit: z
    .string()
    .max(20)
    .optional()
    .meta({ description: "Unit that the device delivers, for example Cel, %, kg" }),
  convertTo: z.string().max(20).optional().meta({ description: "Unit to store and show instead" }),
  range: z.tuple([z.number(), z.number()]).optional().meta({
    description: "Lowest and highest value that can be true; anything else is a bad sample",
  }),
  spike: z
    .strictObject({
      step: z.number().positive().meta({ description: "Smallest jump, in the point's unit" }),
      within: duration({ min: 1 }).meta({ description: "Time in which it happens" }),
    })
    .optional()
    .meta({
      description:
        "A lone jump by more than step within that time is uncertain until the next sample confirms it",
    }),
  rate: z
    .strictObject({
      max: z.number().positive().meta({ description: "Largest change, in the point's unit" }),
      per: duration({ min: 1 }).meta({ description: "Time in which it may happen" }),
    })
    .optional()
    .meta({ description: "Fastest change that can be true; a faster one is uncertain" }),
  calibration: z
    .strictObject({
      gain: z.number().default(1).meta({ description: "Factor" }),
      offset: z.number().default(0).meta({ description: "Added after the factor" }),
    })
    .optional()
    .meta({ description: "value = raw * gain + offset; the raw value is always kept" }),
  calibrated: z
    .strictObject({
      on: z.iso.date().meta({ description: "Day of the last calibration, YYYY-MM-DD" }),
      due: z.iso
        .date()
        .optional()
        .meta({ description: "Day of the next one (default: a year later)" }),
      certificate: z
        .string()
        .max(200)
        .optional()
        .meta({ description: "Number or file of the certificate" }),
    })
    .optional()
    .meta({ description: "Warns 30 days, 7 days and on the day before it is due" }),
  staleAfter: duration({ min: 100 }).optional().meta({
    description: "Older than this the value counts as stale (default: three periods, at least 10s)",
  }),
};

const settings = z.strictObject(pointSettings);
export type PointSettings = z.infer<typeof settings>;
