import { z } from "zod";
import { duration } from "../../drivers/quantity.ts";

export const dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "time-of-day" })
  .meta({ description: "HH:MM in the gateway's time zone" });
const date = z.iso.date();

/** Hours of the week, in the gateway's time zone. `from` later than `to` runs over midnight. */
export const hoursSchema = z.strictObject({
  days: z
    .array(z.enum(dayNames))
    .min(1)
    .default([...dayNames]),
  from: timeOfDay,
  to: timeOfDay,
});

/** Either hours of the week, or a cron line with how long each run lasts. */
export const scheduleSchema = z.strictObject({
  hours: z.array(hoursSchema).min(1).max(20).optional(),
  cron: z.string().max(100).optional().meta({
    description: "When it begins: minute hour day-of-month month day-of-week",
  }),
  for: duration({ min: 1_000, max: 7 * 86_400_000 })
    .optional()
    .meta({ description: "How long each run of cron lasts" }),
  except: z
    .array(date)
    .max(400)
    .default([])
    .meta({ description: "Days without it, for example holidays" }),
});
export type ScheduleConfig = z.infer<typeof scheduleSchema>;
export type Hours = z.infer<typeof hoursSchema>;
