import { RackwatchError } from "../../drivers/errors.ts";
import type { CommandIo } from "../../gateway/cli/command.ts";
import { kafkaSettings } from "../central/log/kafka-settings.ts";
import type { LogOptions } from "../central/log/open-log.ts";
import { secretFrom } from "./central-place.ts";

interface Given {
  readonly kafka?: string | undefined;
  readonly kafkaTopic: string;
  readonly kafkaRole: LogOptions["role"];
}

/** The log that samples pass; none without an address. @throws RackwatchError `config/invalid` */
export function sampleLogOf(
  io: CommandIo,
  { kafka, kafkaTopic: topic, kafkaRole: role }: Given,
): { readonly sampleLog?: LogOptions } {
  const address = kafka ?? secretFrom(io, "kafka", "RACKWATCH_KAFKA");
  if (address === undefined) {
    if (role === "both") return {};
    throw new RackwatchError("config/invalid", `--kafka-role ${role} needs a log`, {
      todo: "name it with --kafka URL or RACKWATCH_KAFKA",
    });
  }
  kafkaSettings(address, topic);
  return { sampleLog: { address, topic, role } };
}
