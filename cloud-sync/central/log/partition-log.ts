/**
 * A log of partitions behind the receivers, as Kafka is one: what is appended under one key is read in that order, at
 * least once, by one reader at a time.
 */
export interface PartitionLog extends AsyncDisposable {
  /** Resolves when the log holds it on as many machines as it promises. @throws RackwatchError `central/log` */
  append(key: string, value: Buffer): Promise<void>;
}

export interface LogMessage {
  readonly partition: number;
  readonly value: Buffer;
  /** What was read before it on its partition, and this, need not be read again. */
  done(): Promise<void>;
}

export interface PartitionReader extends AsyncDisposable {
  /** Ends with the signal. @throws RackwatchError `central/log` when the log is gone: read again. */
  messages(signal: AbortSignal): AsyncIterable<LogMessage>;
}
